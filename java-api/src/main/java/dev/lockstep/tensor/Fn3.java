package dev.lockstep.tensor;

/**
 * A function of three arguments that can be transformed; each argument is a tree, see {@link Fn}.
 */
@FunctionalInterface
public interface Fn3<A, B, C, R> {
  /** Applies the function. */
  R apply(A a, B b, C c);
}
