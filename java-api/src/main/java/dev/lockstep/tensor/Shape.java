package dev.lockstep.tensor;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import java.util.Arrays;
import java.util.StringJoiner;

/** The immutable extents of a tensor's axes, outermost first. A scalar has rank 0. */
public final class Shape {
  /** The largest rank a tensor may have. */
  public static final int MAX_RANK = 16;

  private static final Shape SCALAR = new Shape("shape", new long[0]);

  private final long[] extents;
  private final long size;

  private Shape(String op, long[] extents) {
    if (extents.length > MAX_RANK) {
      throw new ShapeException(
          "%s: rank %d is above the limit of %d: %s"
              .formatted(op, extents.length, MAX_RANK, Arrays.toString(extents)));
    }
    long product = 1;
    for (long extent : extents) {
      if (extent < 0) {
        throw new ShapeException(
            op + ": extents must not be negative, got " + Arrays.toString(extents));
      }
      product = extent == 0 || product == 0 ? 0 : multiply(op, product, extent, extents);
    }
    this.extents = extents;
    this.size = product;
  }

  private static long multiply(String op, long product, long extent, long[] extents) {
    if (product > (Long.MAX_VALUE / 16) / extent) {
      throw new ShapeException(
          op + ": the number of elements overflows: " + Arrays.toString(extents));
    }
    return product * extent;
  }

  /** Returns the shape with these extents. */
  public static Shape of(long... extents) {
    return of("shape", extents);
  }

  /** Returns the shape with these extents, of which the user told {@code op}. */
  static Shape of(String op, long... extents) {
    return extents.length == 0 ? SCALAR : new Shape(op, extents.clone());
  }

  /** Returns the number of axes. */
  public int rank() {
    return extents.length;
  }

  /**
   * Returns the extent of {@code axis}, which counts from 0.
   *
   * @throws AxisException if it is not in {@code [0, rank)}
   */
  public long extent(int axis) {
    requireFromStart("extent", axis, extents.length);
    return extents[axis];
  }

  /** Returns a copy of the extents. */
  public long[] extents() {
    return extents.clone();
  }

  /** Returns the number of elements: the product of the extents, 1 for a scalar. */
  public long size() {
    return size;
  }

  /**
   * Returns this shape with one more axis of {@code extent}, which becomes axis {@code axis}.
   *
   * @throws AxisException if it is not in {@code [0, rank]}
   */
  public Shape insert(int axis, long extent) {
    requireFromStart("insert", axis, extents.length + 1);
    long[] result = new long[extents.length + 1];
    System.arraycopy(extents, 0, result, 0, axis);
    result[axis] = extent;
    System.arraycopy(extents, axis, result, axis + 1, extents.length - axis);
    return new Shape("shape", result);
  }

  /**
   * Returns this shape without {@code axis}.
   *
   * @throws AxisException if it is not in {@code [0, rank)}
   */
  public Shape remove(int axis) {
    requireFromStart("remove", axis, extents.length);
    long[] result = new long[extents.length - 1];
    System.arraycopy(extents, 0, result, 0, axis);
    System.arraycopy(extents, axis + 1, result, axis, extents.length - axis - 1);
    return new Shape("shape", result);
  }

  /**
   * Returns {@code axis} counted from 0; negative axes count from the end.
   *
   * @throws AxisException if it is not in {@code [-rank, rank)}; the text starts with {@code op}
   */
  public int axis(String op, int axis) {
    int rank = extents.length;
    if (axis < -rank || axis >= rank) {
      throw new AxisException(
          "%s: axis %d is out of range for shape %s of rank %d".formatted(op, axis, this, rank));
    }
    return axis < 0 ? axis + rank : axis;
  }

  private void requireFromStart(String op, int axis, int end) {
    if (axis < 0 || axis >= end) {
      throw new AxisException(
          "%s: axis %d is out of range for shape %s; expected 0 <= axis < %d"
              .formatted(op, axis, this, end));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other == this || other instanceof Shape s && Arrays.equals(extents, s.extents);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(extents);
  }

  /** Returns the extents in brackets: {@code [16, 100]}, {@code []} for a scalar. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", "[", "]");
    for (long extent : extents) {
      text.add(Long.toString(extent));
    }
    return text.toString();
  }
}
