package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.MatrixException;
import dev.lockstep.error.ShapeException;
import java.util.Arrays;

/** What methods of {@link LinAlg} check. */
final class MatrixChecks {
  private MatrixChecks() {}

  static void matrix(String op, Tensor a) {
    if (a.rank() < 2) {
      throw new ShapeException(
          "%s: expected at least two axes, got %s. A column: x.expandDims(-1)"
              .formatted(op, a.type()));
    }
    floating(op, a);
  }

  static void floating(String op, Tensor a) {
    if (!a.dtype().isFloating() || a.dtype() == DType.BF16) {
      throw new DTypeException(
          "%s: expected f32 or f64, got %s. Cast it: a.cast(DType.%s)"
              .formatted(op, a.type(), a.dtype() == DType.BF16 ? "F32" : "F64"));
    }
  }

  static void square(String op, Tensor a) {
    matrix(op, a);
    if (rows(a) != columns(a)) {
      throw new ShapeException(
          "%s: expected square matrices [..., n, n], got %s".formatted(op, a.type()));
    }
  }

  static long rows(Tensor a) {
    return a.shape().extent(a.rank() - 2);
  }

  static long columns(Tensor a) {
    return a.shape().extent(a.rank() - 1);
  }

  /** Returns {@code a[..., :, :]} with these batch axes. */
  static Tensor withBatch(Tensor a, Shape batch, int kept) {
    long[] extents = Arrays.copyOf(batch.extents(), batch.rank() + kept);
    for (int i = 0; i < kept; i++) {
      extents[batch.rank() + i] = a.shape().extent(a.rank() - kept + i);
    }
    return Broadcasting.to(a, Shape.of(extents));
  }

  /** Returns the shape that the batch axes of two operands broadcast to. */
  static Shape batch(String op, Tensor a, Tensor b) {
    long[] left = a.shape().extents();
    long[] right = b.shape().extents();
    int rank = Math.max(left.length, right.length) - 2;
    long[] extents = new long[rank];
    for (int fromEnd = 1; fromEnd <= rank; fromEnd++) {
      long x = fromEnd > left.length - 2 ? 1 : left[left.length - 2 - fromEnd];
      long y = fromEnd > right.length - 2 ? 1 : right[right.length - 2 - fromEnd];
      if (x != y && x != 1 && y != 1) {
        throw new ShapeException(
            "%s: batch axes do not broadcast: %s and %s (%d against %d)"
                .formatted(op, a.type(), b.type(), x, y));
      }
      extents[rank - fromEnd] = x == 1 ? y : x;
    }
    return Shape.of(extents);
  }

  /**
   * Returns {@code result} if all of {@code matrices} is finite.
   *
   * @throws MatrixException naming the first matrix that is not
   */
  static Tensor finite(String op, Tensor matrices, Tensor result, String complaint) {
    long[] good = matrices.isFinite().all(-2, -1).toLongArray();
    for (int i = 0; i < good.length; i++) {
      if (good[i] == 0) {
        throw new MatrixException(
            "%s: matrix %s %s, of the result %s"
                .formatted(op, entry(matrices.shape(), i), complaint, result.type()));
      }
    }
    return result;
  }

  /** Returns the index of an entry of the batch: {@code [3, 0]}. */
  private static String entry(Shape shape, long position) {
    long[] index = new long[shape.rank() - 2];
    long rest = position;
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape.extent(axis);
      rest /= shape.extent(axis);
    }
    return Arrays.toString(index);
  }
}
