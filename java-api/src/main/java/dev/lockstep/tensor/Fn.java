package dev.lockstep.tensor;

/**
 * A function of one argument that can be transformed. The argument and the result are trees:
 * tensors or records, lists, maps and arrays of them (see {@link Tree}).
 */
@FunctionalInterface
public interface Fn<A, R> {
  /** Applies the function. */
  R apply(A a);
}
