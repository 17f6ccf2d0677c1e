package dev.lockstep;

import dev.lockstep.program.PlanReport;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;

/** A function under {@link Lockstep#jit(Fn)}. */
public interface Jitted<A, R> extends Fn<A, R> {
  /**
   * Returns what a call with such an argument runs: the steps with their kernels and why these were
   * chosen, bytes, FLOPs and memory. Traces the function for the argument's types if that was not
   * done; runs nothing.
   *
   * <pre>{@code
   * System.out.println(jit((Tensor x) -> x.sin().sum()).plan(x));
   * }</pre>
   */
  PlanReport plan(A a);

  /** A function of two arguments under {@link Lockstep#jit(Fn2)}. */
  interface Two<A, B, R> extends Fn2<A, B, R> {
    /** As {@link Jitted#plan}, of two arguments. */
    PlanReport plan(A a, B b);
  }

  /** A function of three arguments under {@link Lockstep#jit(Fn3)}. */
  interface Three<A, B, C, R> extends Fn3<A, B, C, R> {
    /** As {@link Jitted#plan}, of three arguments. */
    PlanReport plan(A a, B b, C c);
  }

  /** A function of four arguments under {@link Lockstep#jit(Fn4)}. */
  interface Four<A, B, C, D, R> extends Fn4<A, B, C, D, R> {
    /** As {@link Jitted#plan}, of four arguments. */
    PlanReport plan(A a, B b, C c, D d);
  }
}
