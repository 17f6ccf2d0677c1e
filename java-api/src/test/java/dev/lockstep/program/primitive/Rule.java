package dev.lockstep.program.primitive;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** Runs the rules of one primitive inside a trace, as the transforms do, and evaluates them. */
final class Rule {
  private Rule() {}

  /** Returns the first result of the primitive. */
  static Tensor apply(Primitive primitive, List<Tensor> operands) {
    return applyAll(primitive, operands).getFirst();
  }

  static List<Tensor> applyAll(Primitive primitive, List<Tensor> operands) {
    return Trace.bindAll(primitive, operands.toArray(Tensor[]::new));
  }

  /** Traces the tangent as a function of the operands, then of the tangents that are not null. */
  static Traced tangent(Primitive primitive, List<Tensor> operands, List<Tensor> tangents) {
    return Trace.trace(
        "jvp",
        types(concatenate(operands, present(tangents))),
        null,
        arguments -> {
          List<Tensor> primals = arguments.subList(0, operands.size());
          List<Tensor> given = new ArrayList<>(tangents);
          int next = operands.size();
          for (int i = 0; i < given.size(); i++) {
            given.set(i, given.get(i) == null ? null : arguments.get(next++));
          }
          List<Tensor> results = Trace.bindAll(primitive, primals.toArray(Tensor[]::new));
          Tensor tangent = primitive.jvp(primals, given, results).getFirst();
          return tangent == null ? List.of() : List.of(tangent);
        });
  }

  /** Returns the tangent of the result, null for zero. */
  static Tensor jvp(Primitive primitive, List<Tensor> operands, List<Tensor> tangents) {
    Traced traced = tangent(primitive, operands, tangents);
    return traced.program().outputs().isEmpty()
        ? null
        : traced.apply(concatenate(operands, present(tangents))).getFirst();
  }

  /**
   * Returns the cotangents of the operands at {@code unknown}, null elsewhere.
   *
   * @param cotangent of the first result; those of others are zero
   */
  static List<Tensor> transpose(
      Linear primitive, List<Tensor> operands, List<Integer> unknown, Tensor cotangent) {
    boolean[] present = new boolean[operands.size()];
    List<Tensor> arguments = concatenate(operands, List.of(cotangent));
    List<Tensor> results =
        traced(
            arguments,
            tensors -> {
              List<Operand> seen = new ArrayList<>();
              for (int i = 0; i < operands.size(); i++) {
                seen.add(
                    unknown.contains(i)
                        ? new Operand.Unknown(operands.get(i).type())
                        : new Operand.Known(tensors.get(i)));
              }
              List<Tensor> given = ofFirstResult(primitive, operands, tensors.getLast());
              List<Tensor> cotangents = primitive.transpose(given, seen);
              for (int i = 0; i < present.length; i++) {
                present[i] = cotangents.get(i) != null;
              }
              return present(cotangents);
            });
    List<Tensor> all = new ArrayList<>(Collections.nCopies(operands.size(), null));
    int next = 0;
    for (int i = 0; i < present.length; i++) {
      if (present[i]) {
        all.set(i, results.get(next++));
      }
    }
    return all;
  }

  /**
   * Returns for each operand at {@code unknown} of which the support rule knows something its
   * cotangent, then where that may differ from zero. The result's cotangent is zero outside of
   * {@code support}.
   */
  static List<Tensor> supports(
      Linear primitive,
      List<Tensor> operands,
      List<Integer> unknown,
      Tensor cotangent,
      Tensor support) {
    return traced(
        concatenate(operands, List.of(cotangent, support)),
        tensors -> {
          List<Operand> seen = new ArrayList<>();
          for (int i = 0; i < operands.size(); i++) {
            seen.add(
                unknown.contains(i)
                    ? new Operand.Unknown(operands.get(i).type())
                    : new Operand.Known(tensors.get(i)));
          }
          Tensor within = tensors.getLast();
          Tensor ct = tensors.get(operands.size());
          Tensor selected = Tensor.where(within, ct, Rules.like(ct, 0));
          List<Tensor> cotangents =
              primitive.transpose(ofFirstResult(primitive, operands, selected), seen);
          List<Tensor> supports =
              primitive.support(ofFirstResult(primitive, operands, within), seen);
          List<Tensor> results = new ArrayList<>();
          for (int i : unknown) {
            if (cotangents.get(i) != null && supports.get(i) != null) {
              results.addAll(List.of(cotangents.get(i), supports.get(i)));
            }
          }
          return results;
        });
  }

  /** Returns one entry a result: this one for the first, null for the others. */
  private static List<Tensor> ofFirstResult(Linear primitive, List<Tensor> operands, Tensor first) {
    int count = ((Primitive) primitive).infer(types(operands)).size();
    List<Tensor> all = new ArrayList<>(Collections.nCopies(count, null));
    all.set(0, first);
    return all;
  }

  /** Returns what the batching rule gives, evaluated. */
  static Batched batch(Primitive primitive, long size, List<Tensor> operands, boolean[] mapped) {
    boolean[][] flags = new boolean[1][];
    List<Tensor> results =
        traced(
            operands,
            tensors -> {
              Batched batched = primitive.batch(size, tensors, mapped);
              flags[0] = batched.mapped();
              return batched.results();
            });
    return new Batched(results, flags[0]);
  }

  /**
   * Returns the tangent of a program's only output for these tangents of its inputs, null for zero:
   * the whole of forward mode.
   */
  static Tensor jvp(Program program, List<Tensor> inputs, List<Tensor> tangents) {
    List<Tensor> arguments = concatenate(inputs, present(tangents));
    List<Tensor> results =
        traced(
            arguments,
            tensors -> {
              Tensor[] primal = new Tensor[program.variables()];
              Tensor[] tangent = new Tensor[program.variables()];
              int next = inputs.size();
              for (int i = 0; i < inputs.size(); i++) {
                int id = program.inputs().get(i).id();
                primal[id] = tensors.get(i);
                tangent[id] = tangents.get(i) == null ? null : tensors.get(next++);
              }
              for (Equation equation : program.equations()) {
                push(equation, primal, tangent);
              }
              return present(Collections.singletonList(tangent[program.outputs().getFirst().id()]));
            });
    return results.isEmpty() ? null : results.getFirst();
  }

  private static void push(Equation equation, Tensor[] primal, Tensor[] tangent) {
    List<Tensor> operands = at(equation.inputs(), primal);
    List<Tensor> tangents = at(equation.inputs(), tangent);
    List<Tensor> results = Trace.bindAll(equation.primitive(), operands.toArray(Tensor[]::new));
    boolean moving = tangents.stream().anyMatch(t -> t != null);
    List<Tensor> pushed = moving ? equation.primitive().jvp(operands, tangents, results) : null;
    for (int i = 0; i < results.size(); i++) {
      int result = equation.outputs().get(i).id();
      primal[result] = results.get(i);
      tangent[result] = moving ? pushed.get(i) : null;
    }
  }

  private static List<Tensor> at(List<Variable> variables, Tensor[] values) {
    return Arrays.asList(variables.stream().map(v -> values[v.id()]).toArray(Tensor[]::new));
  }

  private static List<Tensor> traced(
      List<Tensor> arguments, Function<List<Tensor>, List<Tensor>> function) {
    Traced traced = Trace.trace("test", types(arguments), null, function);
    return traced.program().outputs().isEmpty() ? List.of() : traced.apply(arguments);
  }

  static List<TensorType> types(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::type).toList();
  }

  static List<Tensor> present(List<Tensor> tensors) {
    return tensors.stream().filter(tensor -> tensor != null).toList();
  }

  static List<Tensor> concatenate(List<Tensor> first, List<Tensor> second) {
    List<Tensor> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
