package dev.lockstep.tensor;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.ControlFlow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The loop of draws by rejection: until no element asks for more. */
final class RandomLoop {
  private RandomLoop() {}

  /**
   * Repeats {@code carry = body(carry)} while the condition, {@code bool[]}, holds.
   *
   * @param op the user's op, for errors
   */
  static List<Tensor> repeat(
      String op,
      List<Tensor> carry,
      Function<List<Tensor>, Tensor> condition,
      UnaryOperator<List<Tensor>> body) {
    List<TensorType> types = carry.stream().map(Tensor::type).toList();
    Traced test = Trace.trace(op, types, null, c -> List.of(condition.apply(c)));
    Traced step = Trace.trace(op, types, null, body);
    List<Tensor> operands = new ArrayList<>(test.captured());
    operands.addAll(step.captured());
    operands.addAll(carry);
    ControlFlow.While loop =
        new ControlFlow.While(
            capturedFirst(test),
            capturedFirst(step),
            test.captured().size(),
            step.captured().size());
    return Trace.bindAll(loop, operands.toArray(Tensor[]::new));
  }

  private static Program capturedFirst(Traced traced) {
    Program program = traced.program();
    int arguments = program.inputs().size() - traced.captured().size();
    List<Variable> inputs =
        new ArrayList<>(program.inputs().subList(arguments, program.inputs().size()));
    inputs.addAll(program.inputs().subList(0, arguments));
    return new Program(inputs, program.equations(), program.outputs(), program.variables());
  }
}
