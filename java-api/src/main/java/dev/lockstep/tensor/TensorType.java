package dev.lockstep.tensor;

/**
 * What is known of a tensor before any value is: its dtype and shape. Prints as {@code f32[16,
 * 100]}.
 */
public record TensorType(DType dtype, Shape shape) {
  /** Returns the type with this dtype and these extents. */
  public static TensorType of(DType dtype, long... extents) {
    return new TensorType(dtype, Shape.of(extents));
  }

  /** Returns the number of bytes of the elements. */
  public long bytes() {
    return shape.size() * dtype.bytes();
  }

  /** Returns the same shape with another dtype. */
  public TensorType with(DType other) {
    return new TensorType(other, shape);
  }

  /** Returns the same dtype with another shape. */
  public TensorType with(Shape other) {
    return new TensorType(dtype, other);
  }

  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
