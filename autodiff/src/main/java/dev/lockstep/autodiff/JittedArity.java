package dev.lockstep.autodiff;

import dev.lockstep.Jitted;
import dev.lockstep.program.PlanReport;

/**
 * Compiled functions of a fixed number of typed arguments. The casts are unchecked: the door's
 * signatures guarantee the types.
 */
@SuppressWarnings("unchecked")
public final class JittedArity {
  private JittedArity() {}

  private record One<A, R>(CompiledFunction f) implements Jitted<A, R> {
    @Override
    public R apply(A a) {
      return (R) f.apply(a);
    }

    @Override
    public PlanReport plan(A a) {
      return f.plan(a);
    }
  }

  private record Two<A, B, R>(CompiledFunction f) implements Jitted.Two<A, B, R> {
    @Override
    public R apply(A a, B b) {
      return (R) f.apply(a, b);
    }

    @Override
    public PlanReport plan(A a, B b) {
      return f.plan(a, b);
    }
  }

  private record Three<A, B, C, R>(CompiledFunction f) implements Jitted.Three<A, B, C, R> {
    @Override
    public R apply(A a, B b, C c) {
      return (R) f.apply(a, b, c);
    }

    @Override
    public PlanReport plan(A a, B b, C c) {
      return f.plan(a, b, c);
    }
  }

  private record Four<A, B, C, D, R>(CompiledFunction f) implements Jitted.Four<A, B, C, D, R> {
    @Override
    public R apply(A a, B b, C c, D d) {
      return (R) f.apply(a, b, c, d);
    }

    @Override
    public PlanReport plan(A a, B b, C c, D d) {
      return f.plan(a, b, c, d);
    }
  }

  public static <A, R> Jitted<A, R> one(CompiledFunction f) {
    return CacheMisses.of(new One<>(f), f);
  }

  public static <A, B, R> Jitted.Two<A, B, R> two(CompiledFunction f) {
    return CacheMisses.of(new Two<>(f), f);
  }

  public static <A, B, C, R> Jitted.Three<A, B, C, R> three(CompiledFunction f) {
    return CacheMisses.of(new Three<>(f), f);
  }

  public static <A, B, C, D, R> Jitted.Four<A, B, C, D, R> four(CompiledFunction f) {
    return CacheMisses.of(new Four<>(f), f);
  }
}
