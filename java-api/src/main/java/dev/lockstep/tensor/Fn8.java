package dev.lockstep.tensor;

/**
 * A function of eight arguments that can be transformed; each argument is a tree, see {@link Fn}.
 */
@FunctionalInterface
public interface Fn8<A, B, C, D, E, F, G, H, R> {
  /** Applies the function. */
  R apply(A a, B b, C c, D d, E e, F f, G g, H h);
}
