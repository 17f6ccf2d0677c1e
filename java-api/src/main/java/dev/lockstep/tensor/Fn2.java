package dev.lockstep.tensor;

/** A function of two arguments that can be transformed; each argument is a tree, see {@link Fn}. */
@FunctionalInterface
public interface Fn2<A, B, R> {
  /** Applies the function. */
  R apply(A a, B b);
}
