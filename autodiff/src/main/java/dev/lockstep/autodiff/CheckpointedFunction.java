package dev.lockstep.autodiff;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.tensor.Tensor;

/** A function whose derivative computes again what it needs instead of keeping it. */
public final class CheckpointedFunction implements Variadic {
  private final Variadic function;

  public CheckpointedFunction(Variadic function) {
    this.function = function;
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of("checkpoint", arguments);
    TracedCall traced = call.trace(function, call.types(), call.leaves());
    ControlFlow.Checkpoint checkpoint = new ControlFlow.Checkpoint(traced.program().live());
    Tensor[] inputs = traced.inputs(call.leaves()).toArray(Tensor[]::new);
    return traced.rebuild(Trace.bindAll(checkpoint, inputs));
  }
}
