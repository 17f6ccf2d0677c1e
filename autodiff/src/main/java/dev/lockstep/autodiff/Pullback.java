package dev.lockstep.autodiff;

import dev.lockstep.Vjp;

/** Reverse mode at one point. */
public final class Pullback {
  private Pullback() {}

  /** Returns the function's value and its pullback. */
  @SuppressWarnings("unchecked") // the door's signatures guarantee the types
  public static <R, P> Vjp<R, P> vjp(Variadic function, Object... arguments) {
    LinearMap map = LinearMap.at("vjp", function, arguments);
    map.traced().requireFloatingOutputs();
    return new Vjp<>(map.value(), cotangent -> (P) map.pullBack(cotangent));
  }
}
