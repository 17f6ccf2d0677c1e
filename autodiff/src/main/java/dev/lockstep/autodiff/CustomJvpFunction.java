package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Custom;
import dev.lockstep.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** A function with a rule for its tangents. */
public final class CustomJvpFunction implements Variadic {
  private final Variadic function;
  private final Variadic rule;

  /**
   * @param rule takes the arguments, then a tangent for each
   */
  public CustomJvpFunction(Variadic function, Variadic rule) {
    this.function = function;
    this.rule = rule;
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of("customJvp", arguments);
    TracedCall primal = call.trace(function, call.types(), call.leaves());
    Object[] twice = Arrays.copyOf(arguments, 2 * arguments.length);
    System.arraycopy(arguments, 0, twice, arguments.length, arguments.length);
    Call both = Call.of("customJvp", twice);
    TracedCall tangent = both.trace(rule, both.types(), null);
    Call.requireAlike(
        "customJvp",
        "tangent that the rule returned",
        primal.output(),
        Programs.types(primal.program().outputs()),
        tangent.result());
    List<Tensor> captured = SubProgram.captured(List.of(primal, tangent));
    int count = call.leaves().size();
    Custom.CustomJvp op =
        new Custom.CustomJvp(
            SubProgram.withCaptured(primal.traced(), captured),
            capturedInside(SubProgram.withCaptured(tangent.traced(), captured), count),
            count);
    List<Tensor> inputs = SubProgram.join(call.leaves(), captured);
    return primal.rebuild(Trace.bindAll(op, inputs.toArray(Tensor[]::new)));
  }

  /** Returns the program with what is captured between the primals and the tangents. */
  private static Program capturedInside(Program program, int count) {
    List<Variable> inputs = program.inputs();
    return new Program(
        SubProgram.join(
            inputs.subList(0, count),
            inputs.subList(2 * count, inputs.size()),
            inputs.subList(count, 2 * count)),
        program.equations(),
        program.outputs(),
        program.variables());
  }
}
