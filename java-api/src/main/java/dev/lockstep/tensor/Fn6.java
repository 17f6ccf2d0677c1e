package dev.lockstep.tensor;

/** A function of six arguments that can be transformed; each argument is a tree, see {@link Fn}. */
@FunctionalInterface
public interface Fn6<A, B, C, D, E, F, R> {
  /** Applies the function. */
  R apply(A a, B b, C c, D d, E e, F f);
}
