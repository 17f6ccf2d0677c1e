package dev.lockstep.autodiff;

import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Finds what a function would return. */
public final class ShapeEvaluation {
  private ShapeEvaluation() {}

  /** Returns the types of the result's tensors. */
  public static List<TensorType> of(Variadic function, Object... arguments) {
    Call call = Call.of("evalShape", arguments);
    TracedCall traced = call.trace(function, call.types(), null);
    return List.copyOf(Programs.types(traced.program().outputs()));
  }
}
