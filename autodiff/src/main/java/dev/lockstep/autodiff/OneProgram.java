package dev.lockstep.autodiff;

import dev.lockstep.program.Trace;

/** A function that runs as one program, so that what its parts have in common is computed once. */
public final class OneProgram implements Variadic {
  private final String name;
  private final Variadic function;

  /**
   * @param name what errors start with
   */
  public OneProgram(String name, Variadic function) {
    this.name = name;
    this.function = function;
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of(name, arguments);
    TracedCall traced = call.trace(function, call.types(), call.leaves());
    return traced.rebuild(Trace.apply(traced.program(), traced.inputs(call.leaves())));
  }
}
