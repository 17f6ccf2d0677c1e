package dev.lockstep.autodiff;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Pushes tangents forward: the program of the primals and, beside it, by each primitive's jvp rule,
 * of the tangents. Zero tangents are null and cost nothing.
 *
 * @param inputs the inputs that have tangents, in ascending order
 */
record Push(List<Integer> inputs) implements Transform<Push.Result> {
  /**
   * The program takes the primals, then a tangent for each of {@code inputs}; it gives the primal
   * outputs, then the tangents of those outputs that have one.
   *
   * @param outputs the outputs whose tangents are not zero, in ascending order
   */
  record Result(Program program, List<Integer> outputs) {}

  @Override
  public Result of(Program primal) {
    List<TensorType> types = Programs.types(primal.inputs());
    for (int input : inputs) {
      types.add(primal.inputs().get(input).type());
    }
    List<Integer> nonzero = new ArrayList<>();
    Program program = Trace.program("jvp", types, tensors -> interpret(primal, tensors, nonzero));
    return new Result(program, List.copyOf(nonzero));
  }

  private List<Tensor> interpret(Program primal, List<Tensor> tensors, List<Integer> nonzero) {
    Environment primals = new Environment(primal);
    Environment tangents = new Environment(primal);
    int count = primal.inputs().size();
    primals.set(primal.inputs(), tensors.subList(0, count));
    for (int i = 0; i < inputs.size(); i++) {
      tangents.set(primal.inputs().get(inputs.get(i)), tensors.get(count + i));
    }
    for (Equation equation : primal.equations()) {
      Trace.at(equation.origin(), () -> apply(equation, primals, tangents));
    }
    List<Tensor> results = primals.get(primal.outputs());
    for (int i = 0; i < primal.outputs().size(); i++) {
      Tensor tangent = tangents.get(primal.outputs().get(i));
      if (tangent != null) {
        nonzero.add(i);
        results.add(tangent);
      }
    }
    return results;
  }

  private static Void apply(Equation equation, Environment primals, Environment tangents) {
    List<Tensor> operands = primals.get(equation.inputs());
    if (!tangents.hasAny(equation.inputs())) {
      primals.set(
          equation.outputs(), Trace.bindAll(equation.primitive(), operands.toArray(Tensor[]::new)));
      return null;
    }
    Primitive.Pushed pushed = equation.primitive().push(operands, tangents.get(equation.inputs()));
    primals.set(equation.outputs(), pushed.results());
    for (int i = 0; i < equation.outputs().size(); i++) {
      check(equation, equation.outputs().get(i), pushed.tangents().get(i));
      tangents.set(equation.outputs().get(i), pushed.tangents().get(i));
    }
    return null;
  }

  private static void check(Equation equation, Variable primal, Tensor tangent) {
    if (tangent != null && !tangent.type().equals(primal.type())) {
      throw new IllegalStateException(
          "jvp: the rule of %s gave the tangent %s, expected %s"
              .formatted(equation.primitive().name(), tangent.type(), primal.type()));
    }
  }
}
