package dev.lockstep.tensor;

import dev.lockstep.program.primitive.Indexing.Scatter.Mode;

/**
 * Places of a tensor, chosen by {@link Tensor#at}. Its methods return a new tensor that differs
 * there; the tensor itself stays as it is. Values broadcast to the shape that is selected, and must
 * fit in the tensor's dtype. Where a place is selected several times, {@link #set} writes the last
 * value, the others combine all of them.
 *
 * <p>Indices out of range: an {@link dev.lockstep.error.IndexException} where their values are
 * known, which they are outside of transforms; inside, such updates are dropped.
 */
public final class Updates {
  private final Tensor x;
  private final Index[] indices;

  Updates(Tensor x, Index... indices) {
    this.x = x;
    this.indices = indices.clone();
  }

  /**
   * Returns the tensor with these values at the places.
   *
   * @throws dev.lockstep.error.IndexException if an index is known to be out of range
   * @throws dev.lockstep.error.ShapeException if the values do not broadcast to what is selected
   * @throws dev.lockstep.error.DTypeException if the values do not fit in the tensor's dtype
   */
  public Tensor set(Tensor values) {
    return UpdateOps.update("at.set", Mode.SET, x, indices, values);
  }

  /** The same with one value for all places. */
  public Tensor set(double value) {
    return set(Scalars.beside(x, value));
  }

  /** The same with one value for all places. */
  public Tensor set(long value) {
    return set(Scalars.beside("at.set", x, value));
  }

  /** Returns the tensor with these values added at the places; see {@link #set}. */
  public Tensor add(Tensor values) {
    return UpdateOps.update("at.add", Mode.ADD, x, indices, values);
  }

  /** The same with one value for all places. */
  public Tensor add(double value) {
    return add(Scalars.beside(x, value));
  }

  /** The same with one value for all places. */
  public Tensor add(long value) {
    return add(Scalars.beside("at.add", x, value));
  }

  /** Returns the tensor multiplied by these values at the places; see {@link #set}. */
  public Tensor mul(Tensor values) {
    return UpdateOps.update("at.mul", Mode.MUL, x, indices, values);
  }

  /** The same with one value for all places. */
  public Tensor mul(double value) {
    return mul(Scalars.beside(x, value));
  }

  /** The same with one value for all places. */
  public Tensor mul(long value) {
    return mul(Scalars.beside("at.mul", x, value));
  }

  /** Returns the tensor with the smaller of element and value at the places; see {@link #set}. */
  public Tensor min(Tensor values) {
    return UpdateOps.update("at.min", Mode.MIN, x, indices, values);
  }

  /** Returns the tensor with the larger of element and value at the places; see {@link #set}. */
  public Tensor max(Tensor values) {
    return UpdateOps.update("at.max", Mode.MAX, x, indices, values);
  }
}
