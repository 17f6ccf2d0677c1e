package dev.lockstep.autodiff;

import dev.lockstep.error.LockstepException;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.List;

/** The transpose of a linear function. */
public final class LinearTranspose implements Variadic {
  private final Call call;
  private final TracedCall traced;
  private final Program backward;

  private LinearTranspose(Call call, TracedCall traced, Program backward) {
    this.call = call;
    this.traced = traced;
    this.backward = backward;
  }

  /** Traces the function for arguments of these types and transposes it. */
  public static LinearTranspose of(Variadic function, Object... arguments) {
    Call call = Call.of("linearTranspose", arguments);
    call.floatingLeaves();
    TracedCall traced = call.trace(function, call.types(), null);
    traced.requireFloatingOutputs();
    Program linear = SubProgram.capturedFirst(traced);
    try {
      Program backward = new Transpose(traced.traced().captured().size()).cached(linear);
      return new LinearTranspose(call, traced, backward);
    } catch (IllegalStateException e) {
      throw new LockstepException(
          Call.located(
              "linearTranspose: the function is not linear in its arguments; linearize it first, or"
                  + " use vjp (%s)",
              e.getMessage()),
          e);
    }
  }

  /** Returns the cotangents of the arguments. */
  @Override
  public Object apply(Object... cotangent) {
    List<Tensor> inputs =
        SubProgram.join(traced.traced().captured(), traced.alike("cotangent", cotangent[0]));
    return Arity.cotangents(call.rebuild(Trace.apply(backward, inputs)));
  }
}
