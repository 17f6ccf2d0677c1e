package dev.lockstep.autodiff;

import dev.lockstep.program.Trace;

/**
 * A function that was traced once, at the arguments it is for. Whoever applies it twice repeats its
 * program, not the user's function, which may print, count or use a key.
 */
public final class TracedOnce implements Variadic {
  private final String name;
  private final TracedCall traced;

  private TracedOnce(String name, TracedCall traced) {
    this.name = name;
    this.traced = traced;
  }

  /**
   * Traces the function.
   *
   * @param name what errors start with
   */
  public static TracedOnce at(String name, Variadic function, Object... arguments) {
    Call call = Call.of(name, arguments);
    return new TracedOnce(name, call.trace(function, call.types(), call.leaves()));
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of(name, arguments);
    return traced.rebuild(Trace.apply(traced.program(), traced.inputs(call.leaves())));
  }
}
