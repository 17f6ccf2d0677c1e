package dev.lockstep.tensor;

import dev.lockstep.program.Tracer;
import dev.lockstep.runtime.Array;
import java.lang.foreign.MemorySegment;

/**
 * An n-dimensional array of one {@link DType}, or, inside a function that is being transformed, a
 * stand-in for one (a tracer). Both have the same methods.
 *
 * <p>Tensors are immutable. Arrays hold native memory, which is freed by {@link #close}, by their
 * {@link Scope}, or when the tensor becomes unreachable.
 */
public abstract sealed class Tensor implements AutoCloseable permits Array, Tracer {

  /** Returns the dtype and shape. */
  public abstract TensorType type();

  /**
   * Returns the array that holds this tensor's value; for tracers inside {@code grad}, {@code jvp}
   * and their like it is computed on demand. Internal: users call {@link #item} and its siblings.
   *
   * @param op the user's op, for the error
   * @throws dev.lockstep.error.TracerException if no single value exists
   */
  public abstract Array concrete(String op);

  /** Frees the memory now instead of when the tensor becomes unreachable. Twice does nothing. */
  @Override
  public abstract void close();

  /** Returns the extents of the axes. */
  public final Shape shape() {
    return type().shape();
  }

  /** Returns the type of the elements. */
  public final DType dtype() {
    return type().dtype();
  }

  /** Returns the number of axes. */
  public final int rank() {
    return type().shape().rank();
  }

  /** Returns the number of elements. */
  public final long size() {
    return type().shape().size();
  }
}
