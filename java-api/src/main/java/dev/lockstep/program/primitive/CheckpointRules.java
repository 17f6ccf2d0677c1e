package dev.lockstep.program.primitive;

import static dev.lockstep.program.primitive.SubPrograms.at;
import static dev.lockstep.program.primitive.SubPrograms.join;
import static dev.lockstep.program.primitive.SubPrograms.spread;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Primitive.Pushed;
import dev.lockstep.program.Program;
import dev.lockstep.program.ProgramTransforms;
import dev.lockstep.program.ProgramTransforms.BatchedProgram;
import dev.lockstep.program.ProgramTransforms.LinearizedProgram;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.ControlFlow.Checkpoint;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rules of {@link Checkpoint}: nothing but the saved values is kept between the program and its
 * linear part.
 */
final class CheckpointRules {
  private CheckpointRules() {}

  static Pushed push(Checkpoint op, List<Tensor> operands, List<Tensor> tangents) {
    Program program = op.program();
    int outputs = program.outputs().size();
    List<Variable> saved = op.savedVariables();
    Program withSaved =
        new Program(
            program.inputs(),
            program.equations(),
            join(program.outputs(), saved),
            program.variables());
    List<Tensor> all =
        Trace.bindAll(new Checkpoint(withSaved, op.saved()), operands.toArray(Tensor[]::new));
    List<Tensor> results = all.subList(0, outputs);
    List<Integer> moving = SubPrograms.nonzero(tangents);
    LinearizedProgram parts = ProgramTransforms.get().linearize(withSaved, moving);
    List<Integer> moved = parts.outputs().stream().filter(i -> i < outputs).toList();
    if (moved.isEmpty()) {
      return new Pushed(results, spread(outputs, List.of(), List.of()));
    }
    Program residuals = fromSaved(parts.known(), outputs, saved.size());
    Program linear =
        new Program(
            parts.linear().inputs(),
            parts.linear().equations(),
            parts.linear().outputs().subList(0, moved.size()),
            parts.linear().variables());
    int given = operands.size() + saved.size();
    Program again =
        Trace.program(
            "checkpoint",
            join(
                SubPrograms.types(residuals.inputs()),
                at(SubPrograms.types(program.inputs()), moving)),
            inputs ->
                Trace.apply(
                    linear,
                    join(
                        Trace.apply(residuals, inputs.subList(0, given)),
                        inputs.subList(given, inputs.size()))));
    List<Tensor> pushed =
        Trace.bindAll(
            new Checkpoint(again, op.saved()),
            join(operands, all.subList(outputs, all.size()), at(tangents, moving))
                .toArray(Tensor[]::new));
    return new Pushed(results, spread(outputs, moved, pushed));
  }

  /**
   * Returns the program of the residuals that takes the saved values as further inputs. What a name
   * was given to is the same value, so it is not computed either.
   *
   * @param known gives {@code outputs} outputs, then the saved values, then the residuals
   */
  private static Program fromSaved(Program known, int outputs, int saved) {
    List<Variable> values = known.outputs().subList(outputs, outputs + saved);
    Map<Variable, Variable> same = new HashMap<>();
    List<Equation> rest = new ArrayList<>();
    for (Equation equation : known.equations()) {
      if (values.contains(equation.outputs().getFirst())) {
        same.put(equation.inputs().getFirst(), equation.outputs().getFirst());
      } else {
        rest.add(equation);
      }
    }
    List<Equation> renamed =
        rest.stream()
            .map(
                e -> new Equation(e.primitive(), rename(e.inputs(), same), e.outputs(), e.origin()))
            .toList();
    return new Program(
            join(known.inputs(), values),
            renamed,
            rename(known.outputs().subList(outputs + saved, known.outputs().size()), same),
            known.variables())
        .live();
  }

  private static List<Variable> rename(List<Variable> variables, Map<Variable, Variable> same) {
    return variables.stream().map(variable -> same.getOrDefault(variable, variable)).toList();
  }

  static List<Tensor> transpose(Checkpoint op, List<Tensor> cotangents, List<Operand> operands) {
    List<Integer> unknown = SubPrograms.unknown(operands);
    List<Integer> known = new ArrayList<>(Rules.range(0, operands.size()));
    known.removeAll(unknown);
    Program program = op.program();
    Program ordered =
        new Program(
            join(at(program.inputs(), known), at(program.inputs(), unknown)),
            program.equations(),
            program.outputs(),
            program.variables());
    Program backward = ProgramTransforms.get().transpose(ordered, known.size());
    List<Tensor> inputs = new ArrayList<>();
    known.forEach(i -> inputs.add(Rules.known(operands.get(i))));
    inputs.addAll(SubPrograms.orZeros(cotangents, SubPrograms.outputTypes(program)));
    return spread(
        operands.size(),
        unknown,
        Trace.bindAll(new Checkpoint(backward, op.saved()), inputs.toArray(Tensor[]::new)));
  }

  static Batched batch(Checkpoint op, long size, List<Tensor> operands, boolean[] mapped) {
    BatchedProgram batched =
        ProgramTransforms.get()
            .batch(op.program(), size, mapped, new boolean[op.program().outputs().size()]);
    return new Batched(
        Trace.bindAll(
            new Checkpoint(batched.program(), op.saved()), operands.toArray(Tensor[]::new)),
        batched.mapped());
  }
}
