package dev.lockstep.tensor;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The products of {@link Tensor} that sum over axes: they check and promote, then bind. */
final class ContractionOps {
  private ContractionOps() {}

  /** NumPy's dot: over the last axis of x and the last but one of y (the only one of a vector). */
  static Tensor dot(Tensor x, Tensor y) {
    if (x.rank() == 0 || y.rank() == 0) {
      return x.mul(y);
    }
    int right = Math.max(0, y.rank() - 2);
    long left = x.shape().extent(x.rank() - 1);
    if (left != y.shape().extent(right)) {
      throw new ShapeException(
          "dot: the contracted axes differ: %s and %s (%d against %d)."
                  .formatted(x.type(), y.type(), left, y.shape().extent(right))
              + transposeHint("dot", x, y));
    }
    return product(x, y, List.of(x.rank() - 1), List.of(right), List.of(), List.of());
  }

  static Tensor outer(Tensor x, Tensor y) {
    return Trace.staged(() ->
        product(
            ShapeOps.flatten(x), ShapeOps.flatten(y), List.of(), List.of(), List.of(), List.of()));
  }

  static Tensor inner(Tensor x, Tensor y) {
    if (x.rank() == 0 || y.rank() == 0) {
      return x.mul(y);
    }
    return general("inner", x, y, new int[] {-1}, new int[] {-1}, new int[0], new int[0]);
  }

  static Tensor vdot(Tensor x, Tensor y) {
    if (x.size() != y.size()) {
      throw new ShapeException(
          "vdot: expected as many elements in both, got %s and %s".formatted(x.type(), y.type()));
    }
    return Trace.staged(() -> dot(ShapeOps.flatten(x), ShapeOps.flatten(y)));
  }

  /** Multiplies {@code [m, 1, n, 1, …]} by {@code [1, p, 1, q, …]}, then joins pairs of axes. */
  static Tensor kron(Tensor x, Tensor y) {
    int rank = Math.max(x.rank(), y.rank());
    long[] left = ShapeOps.ones(2 * rank);
    long[] right = ShapeOps.ones(2 * rank);
    long[] joined = ShapeOps.ones(rank);
    for (int fromEnd = 1; fromEnd <= rank; fromEnd++) {
      int axis = rank - fromEnd;
      left[2 * axis] = fromEnd > x.rank() ? 1 : x.shape().extent(x.rank() - fromEnd);
      right[2 * axis + 1] = fromEnd > y.rank() ? 1 : y.shape().extent(y.rank() - fromEnd);
      joined[axis] = left[2 * axis] * right[2 * axis + 1];
    }
    return Trace.staged(() -> x.reshape(left).mul(y.reshape(right)).reshape(joined));
  }

  static Tensor tensordot(Tensor x, Tensor y, int axes) {
    if (axes < 0 || axes > x.rank() || axes > y.rank()) {
      throw new AxisException(
          "tensordot: cannot contract %d axes of %s and %s".formatted(axes, x.type(), y.type()));
    }
    int[] left = new int[axes];
    int[] right = new int[axes];
    for (int i = 0; i < axes; i++) {
      left[i] = x.rank() - axes + i;
      right[i] = i;
    }
    return general("tensordot", x, y, left, right, new int[0], new int[0]);
  }

  static Tensor general(
      String op,
      Tensor x,
      Tensor y,
      int[] leftContract,
      int[] rightContract,
      int[] leftBatch,
      int[] rightBatch) {
    requirePairs(op, "contracted", x, leftContract, y, rightContract);
    requirePairs(op, "batch", x, leftBatch, y, rightBatch);
    List<Integer> left = requireDistinct(op, x, leftContract, leftBatch);
    List<Integer> right = requireDistinct(op, y, rightContract, rightBatch);
    int count = leftContract.length;
    return product(
        x,
        y,
        left.subList(0, count),
        right.subList(0, count),
        left.subList(count, left.size()),
        right.subList(count, right.size()));
  }

  /**
   * NumPy's matmul. Batch axes that both have become batch axes; those that one lacks, or has with
   * extent 1, become free axes of the other, so that nothing is repeated.
   */
  static Tensor matmul(Tensor x, Tensor y) {
    requireMatrices(x, y);
    Sides sides = new Sides(x, y);
    if (sides.order == null && sides.left.equals(x.shape()) && sides.right.equals(y.shape())) {
      return sides.product(x, y);
    }
    return Trace.staged(() -> {
      Tensor product =
          sides.product(x.reshape(sides.left.extents()), y.reshape(sides.right.extents()));
      return sides.order == null ? product : ShapeOps.permute(product, sides.order);
    });
  }

  /** Contracts in the promoted dtype; axes are counted from 0 and fit. */
  static Tensor product(
      Tensor x,
      Tensor y,
      List<Integer> leftContract,
      List<Integer> rightContract,
      List<Integer> leftBatch,
      List<Integer> rightBatch) {
    DotGeneral dot =
        new DotGeneral(
            List.copyOf(leftContract),
            List.copyOf(rightContract),
            List.copyOf(leftBatch),
            List.copyOf(rightBatch));
    DType dtype = DType.promote(x.dtype(), y.dtype());
    if (x.dtype() == dtype && y.dtype() == dtype) {
      return Trace.bind(dot, x, y);
    }
    return Trace.staged(
        () -> Trace.bind(dot, ElementwiseOps.convert(x, dtype), ElementwiseOps.convert(y, dtype)));
  }

  /** How the operands of a matmul become those of one DotGeneral. */
  private static final class Sides {
    private final List<Integer> leftBatch = new ArrayList<>();
    private final List<Integer> rightBatch = new ArrayList<>();

    /** The operands' shapes without the batch axes of extent 1 that the other side extends. */
    private final Shape left;

    private final Shape right;

    /** The permutation of the product's axes to the result's, or null if it is the identity. */
    private final List<Integer> order;

    private final boolean rightIsVector;

    Sides(Tensor x, Tensor y) {
      rightIsVector = y.rank() == 1;
      int xBatch = Math.max(0, x.rank() - 2);
      int yBatch = Math.max(0, y.rank() - 2);
      int batch = Math.max(xBatch, yBatch);
      List<Long> leftExtents = new ArrayList<>();
      List<Long> rightExtents = new ArrayList<>();
      List<Integer> both = new ArrayList<>();
      List<Integer> ofLeft = new ArrayList<>();
      List<Integer> ofRight = new ArrayList<>();
      for (int axis = 0; axis < batch; axis++) {
        long own = axis < batch - xBatch ? 0 : x.shape().extent(axis - (batch - xBatch));
        boolean absent = axis < batch - xBatch;
        boolean otherAbsent = axis < batch - yBatch;
        long other = otherAbsent ? 0 : y.shape().extent(axis - (batch - yBatch));
        if (!absent && !otherAbsent && own == other) {
          both.add(axis);
          leftBatch.add(leftExtents.size());
          rightBatch.add(rightExtents.size());
          leftExtents.add(own);
          rightExtents.add(other);
        } else if (absent || (own == 1 && !otherAbsent)) {
          ofRight.add(axis);
          rightExtents.add(other);
        } else {
          ofLeft.add(axis);
          leftExtents.add(own);
        }
      }
      left = withMatrix(leftExtents, x);
      right = withMatrix(rightExtents, y);
      List<Integer> axes = new ArrayList<>(both);
      axes.addAll(ofLeft);
      if (x.rank() > 1) {
        axes.add(batch);
      }
      axes.addAll(ofRight);
      if (!rightIsVector) {
        axes.add(batch + 1);
      }
      List<Integer> sorted = axes.stream().sorted().toList();
      order = axes.equals(sorted) ? null : sorted.stream().map(axes::indexOf).toList();
    }

    private static Shape withMatrix(List<Long> batch, Tensor x) {
      Shape shape = Shape.of(batch.stream().mapToLong(extent -> extent).toArray());
      for (int axis = Math.max(0, x.rank() - 2); axis < x.rank(); axis++) {
        shape = shape.insert(shape.rank(), x.shape().extent(axis));
      }
      return shape;
    }

    Tensor product(Tensor x, Tensor y) {
      int rightAxis = rightIsVector ? y.rank() - 1 : y.rank() - 2;
      return ContractionOps.product(
          x, y, List.of(x.rank() - 1), List.of(rightAxis), leftBatch, rightBatch);
    }
  }

  private static void requireMatrices(Tensor x, Tensor y) {
    if (x.rank() == 0 || y.rank() == 0) {
      throw new ShapeException(
          "matmul: operands must not be scalars, got %s and %s. Multiply with mul"
              .formatted(x.type(), y.type()));
    }
    long left = x.shape().extent(x.rank() - 1);
    long right = y.shape().extent(Math.max(0, y.rank() - 2));
    if (left != right) {
      throw new ShapeException(
          "matmul: inner dimensions differ: %s and %s (%d against %d)."
                  .formatted(x.type(), y.type(), left, right)
              + transposeHint("matmul", x, y));
    }
    for (int fromEnd = 3; fromEnd <= Math.min(x.rank(), y.rank()); fromEnd++) {
      long own = x.shape().extent(x.rank() - fromEnd);
      long other = y.shape().extent(y.rank() - fromEnd);
      if (own != other && own != 1 && other != 1) {
        throw new ShapeException(
            "matmul: batch axes do not broadcast: %s and %s (axis -%d: %d against %d)"
                .formatted(x.type(), y.type(), fromEnd, own, other));
      }
    }
  }

  /** Suggests what makes the product of the second operand's rows possible, if that would fit. */
  private static String transposeHint(String op, Tensor x, Tensor y) {
    boolean rowsFit = y.rank() == 2 && y.shape().extent(1) == x.shape().extent(x.rank() - 1);
    return rowsFit
        ? " To multiply each row of the second, map over it: vmap(Tensor::%s, in(NONE, 0))."
            .formatted(op)
        : "";
  }

  private static void requirePairs(
      String op, String kind, Tensor x, int[] left, Tensor y, int[] right) {
    if (left.length != right.length) {
      throw new AxisException(
          "%s: %d %s axes of the first operand, but %d of the second"
              .formatted(op, left.length, kind, right.length));
    }
    for (int i = 0; i < left.length; i++) {
      long own = x.shape().extent(x.shape().axis(op, left[i]));
      long other = y.shape().extent(y.shape().axis(op, right[i]));
      if (own != other) {
        throw new ShapeException(
            "%s: %s axes %d of %s and %d of %s differ (%d against %d)"
                .formatted(op, kind, left[i], x.type(), right[i], y.type(), own, other));
      }
    }
  }

  private static List<Integer> requireDistinct(String op, Tensor x, int[] contract, int[] batch) {
    List<Integer> axes = new ArrayList<>(contract.length + batch.length);
    for (int axis : contract) {
      axes.add(x.shape().axis(op, axis));
    }
    for (int axis : batch) {
      axes.add(x.shape().axis(op, axis));
    }
    if (axes.stream().distinct().count() != axes.size()) {
      throw new AxisException(
          "%s: an axis of %s is given twice: contracted %s, batch %s"
              .formatted(op, x.type(), Arrays.toString(contract), Arrays.toString(batch)));
    }
    return axes;
  }
}
