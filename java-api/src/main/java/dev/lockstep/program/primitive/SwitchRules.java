package dev.lockstep.program.primitive;

import static dev.lockstep.program.primitive.SubPrograms.at;
import static dev.lockstep.program.primitive.SubPrograms.join;
import static dev.lockstep.program.primitive.SubPrograms.spread;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Primitive.Pushed;
import dev.lockstep.program.Program;
import dev.lockstep.program.ProgramTransforms;
import dev.lockstep.program.ProgramTransforms.LinearizedProgram;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.ControlFlow.Switch;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** The rules of {@link Switch}. */
final class SwitchRules {
  private SwitchRules() {}

  /**
   * Two choices by one index: the first gives the results and the residuals of all branches (zeros
   * for those of branches not taken), the second is linear.
   */
  static Pushed push(Switch choice, List<Tensor> operands, List<Tensor> tangents) {
    List<Integer> moving = SubPrograms.nonzero(tangents.subList(1, tangents.size()));
    List<LinearizedProgram> parts =
        choice.branches().stream()
            .map(branch -> ProgramTransforms.get().linearize(branch, moving))
            .toList();
    TreeSet<Integer> moved = new TreeSet<>();
    parts.forEach(part -> moved.addAll(part.outputs()));
    List<Integer> movedOutputs = List.copyOf(moved);
    List<TensorType> residualTypes = new ArrayList<>();
    for (LinearizedProgram part : parts) {
      residualTypes.addAll(SubPrograms.types(residualsOf(part)));
    }
    int results = choice.branches().getFirst().outputs().size();
    List<TensorType> outputTypes = SubPrograms.outputTypes(choice.branches().getFirst());
    List<TensorType> operandTypes = SubPrograms.types(choice.branches().getFirst().inputs());

    List<Program> known = new ArrayList<>();
    List<Program> linear = new ArrayList<>();
    int first = 0;
    for (LinearizedProgram part : parts) {
      int start = first;
      int end = first + part.residuals();
      known.add(
          Trace.program(
              "switch",
              operandTypes,
              inputs -> {
                List<Tensor> outputs = Trace.apply(part.known(), inputs);
                List<Tensor> all = zeros(residualTypes);
                for (int i = start; i < end; i++) {
                  all.set(i, outputs.get(results + i - start));
                }
                return join(outputs.subList(0, results), all);
              }));
      linear.add(
          Trace.program(
              "switch",
              join(residualTypes, at(operandTypes, moving)),
              inputs -> {
                List<Tensor> pushed =
                    Trace.apply(
                        part.linear(),
                        join(
                            inputs.subList(start, end),
                            inputs.subList(residualTypes.size(), inputs.size())));
                List<Tensor> outputs = new ArrayList<>();
                for (int output : movedOutputs) {
                  int position = part.outputs().indexOf(output);
                  outputs.add(
                      position >= 0
                          ? pushed.get(position)
                          : Rules.full(outputTypes.get(output), 0));
                }
                return outputs;
              }));
      first = end;
    }
    List<Tensor> all = Trace.bindAll(new Switch(known), operands.toArray(Tensor[]::new));
    if (movedOutputs.isEmpty()) {
      return new Pushed(all.subList(0, results), spread(results, List.of(), List.of()));
    }
    List<Tensor> inputs =
        join(
            operands.subList(0, 1),
            all.subList(results, all.size()),
            at(tangents.subList(1, tangents.size()), moving));
    List<Tensor> pushed = Trace.bindAll(new Switch(linear), inputs.toArray(Tensor[]::new));
    return new Pushed(all.subList(0, results), spread(results, movedOutputs, pushed));
  }

  private static List<Variable> residualsOf(LinearizedProgram part) {
    return part.linear().inputs().subList(0, part.residuals());
  }

  private static List<Tensor> zeros(List<TensorType> types) {
    List<Tensor> zeros = new ArrayList<>();
    types.forEach(type -> zeros.add(Rules.full(type, 0)));
    return zeros;
  }

  /** Chooses among the branches' transposes. */
  static List<Tensor> transpose(Switch choice, List<Tensor> cotangents, List<Operand> operands) {
    Tensor index = Rules.known(operands.getFirst());
    List<Operand> rest = operands.subList(1, operands.size());
    List<Integer> unknown = SubPrograms.unknown(rest);
    List<Integer> known = new ArrayList<>(Rules.range(0, rest.size()));
    known.removeAll(unknown);
    List<Program> backward = new ArrayList<>();
    for (Program branch : choice.branches()) {
      Program ordered =
          new Program(
              join(at(branch.inputs(), known), at(branch.inputs(), unknown)),
              branch.equations(),
              branch.outputs(),
              branch.variables());
      backward.add(ProgramTransforms.get().transpose(ordered, known.size()));
    }
    List<Tensor> inputs = new ArrayList<>(List.of(index));
    known.forEach(i -> inputs.add(Rules.known(rest.get(i))));
    inputs.addAll(
        SubPrograms.orZeros(cotangents, SubPrograms.outputTypes(choice.branches().getFirst())));
    List<Tensor> gradients = Trace.bindAll(new Switch(backward), inputs.toArray(Tensor[]::new));
    List<Tensor> result = new ArrayList<>();
    result.add(null);
    result.addAll(spread(rest.size(), unknown, gradients));
    return result;
  }

  static Batched batch(Switch choice, long size, List<Tensor> operands, boolean[] mapped) {
    boolean[] rest = Arrays.copyOfRange(mapped, 1, mapped.length);
    boolean[] force = new boolean[choice.branches().getFirst().outputs().size()];
    Arrays.fill(force, true);
    List<Program> branches =
        choice.branches().stream()
            .map(branch -> ProgramTransforms.get().batch(branch, size, rest, force).program())
            .toList();
    if (!mapped[0]) {
      return new Batched(
          Trace.bindAll(new Switch(branches), operands.toArray(Tensor[]::new)), force);
    }
    List<Tensor> inputs = operands.subList(1, operands.size());
    List<Tensor> chosen = Trace.apply(branches.getFirst(), inputs);
    Tensor index = operands.getFirst();
    for (int i = 1; i < branches.size(); i++) {
      Tensor from = index.greaterEqual(Rules.full(index.type(), i));
      chosen = select(from, Trace.apply(branches.get(i), inputs), chosen);
    }
    return new Batched(chosen, force);
  }

  /**
   * Returns {@code condition ? x : y} for each pair, the condition having the leading axes only.
   */
  static List<Tensor> select(Tensor condition, List<Tensor> x, List<Tensor> y) {
    List<Tensor> selected = new ArrayList<>();
    for (int i = 0; i < x.size(); i++) {
      Tensor repeated =
          Trace.bind(
              new Structural.BroadcastInDim(x.get(i).shape(), Rules.range(0, condition.rank())),
              condition);
      selected.add(Trace.bind(new Where(), repeated, x.get(i), y.get(i)));
    }
    return selected;
  }
}
