package dev.lockstep.tensor;

/**
 * A function of four arguments that can be transformed; each argument is a tree, see {@link Fn}.
 */
@FunctionalInterface
public interface Fn4<A, B, C, D, R> {
  /** Applies the function. */
  R apply(A a, B b, C c, D d);
}
