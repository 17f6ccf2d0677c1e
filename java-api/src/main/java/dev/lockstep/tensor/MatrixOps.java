package dev.lockstep.tensor;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Comparison;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Iota;
import dev.lockstep.program.primitive.Structural.Pad;
import dev.lockstep.program.primitive.Structural.Reshape;
import java.util.List;

/** The methods of {@link Tensor} on diagonals and triangles of matrices. */
final class MatrixOps {
  private MatrixOps() {}

  static Tensor diag(Tensor x, long offset) {
    if (x.rank() == 1) {
      long rows = Math.max(0, -offset);
      long columns = Math.max(0, offset);
      return Trace.staged(
          () -> matrix(x).pad(new long[] {rows, columns}, new long[] {columns, rows}));
    }
    if (x.rank() != 2) {
      throw new ShapeException(
          "diag: expected a vector or a matrix, got %s. For each one of a batch: vmap(Tensor::diag)"
              .formatted(x.type()));
    }
    return diagonal("diag", x, offset, 0, 1);
  }

  static Tensor tril(Tensor x, long offset) {
    return triangle("tril", x, new Comparison.Ge(), -offset);
  }

  static Tensor triu(Tensor x, long offset) {
    return triangle("triu", x, new Comparison.Le(), -offset);
  }

  static Tensor diagonal(String op, Tensor x) {
    if (x.rank() < 2) {
      throw new ShapeException("%s: expected at least two axes, got %s".formatted(op, x.type()));
    }
    return diagonal(x);
  }

  static Tensor transpose(Tensor x) {
    if (x.rank() < 2) {
      throw new ShapeException("matrixTranspose: expected at least two axes, got " + x.type());
    }
    return x.swapAxes(-1, -2);
  }

  static Tensor trace(Tensor x) {
    return Trace.staged(() -> diagonal("trace", x).sum(-1));
  }

  static Tensor trace(Tensor x, long offset, int axis1, int axis2) {
    return Trace.staged(() -> diagonal("trace", x, offset, axis1, axis2).sum(-1));
  }

  static Tensor diagonal(String op, Tensor x, long offset, int axis1, int axis2) {
    if (x.rank() < 2) {
      throw new ShapeException("%s: expected at least two axes, got %s".formatted(op, x.type()));
    }
    int rows = x.shape().axis(op, axis1);
    int columns = x.shape().axis(op, axis2);
    if (rows == columns) {
      throw new AxisException(
          "%s: expected two axes, got axis %d of %s twice".formatted(op, rows, x.type()));
    }
    return Trace.staged(() -> {
      Tensor last = x.moveAxis(new int[] {rows, columns}, new int[] {-2, -1});
      long[] start = new long[x.rank()];
      long[] limit = last.shape().extents();
      int along = offset < 0 ? x.rank() - 2 : x.rank() - 1;
      start[along] = Math.min(Math.abs(offset), limit[along]);
      return diagonal(offset == 0 ? last : last.slice(start, limit));
    });
  }

  /** Takes every (columns + 1)-th element of the last two axes, flattened. */
  static Tensor diagonal(Tensor x) {
    int rank = x.rank();
    long columns = x.shape().extent(rank - 1);
    long count = Math.min(x.shape().extent(rank - 2), columns);
    Shape outer = x.shape().remove(rank - 1).remove(rank - 2);
    Shape flat = outer.insert(rank - 2, x.shape().extent(rank - 2) * columns);
    long[] limit = flat.extents();
    long[] stride = ShapeOps.ones(rank - 1);
    limit[rank - 2] = count == 0 ? 0 : (count - 1) * (columns + 1) + 1;
    stride[rank - 2] = columns + 1;
    return Trace.staged(
        () -> Trace.bind(new Reshape(flat), x).slice(new long[rank - 1], limit, stride));
  }

  /** Puts n zeros between any two elements of a vector of n: its matrix, flattened. */
  private static Tensor matrix(Tensor x) {
    long n = x.size();
    return Trace.staged(() ->
        Trace.bind(
            new Reshape(Shape.of(n, n)),
            Trace.bind(new Pad(List.of(0L), List.of(0L), List.of(n)), x)));
  }

  /** Keeps the elements whose row less column compares so with the bound. */
  private static Tensor triangle(String op, Tensor x, Comparison compare, long bound) {
    if (x.rank() < 2) {
      throw new ShapeException("%s: expected at least two axes, got %s".formatted(op, x.type()));
    }
    int rank = x.rank();
    TensorType index =
        TensorType.of(DType.I64, x.shape().extent(rank - 2), x.shape().extent(rank - 1));
    return Trace.staged(() -> {
      Tensor distance = Trace.bind(new Iota(index, 0)).sub(Trace.bind(new Iota(index, 1)));
      Tensor kept = Trace.bind(compare, distance, Trace.bind(new Full(index, bound)));
      return Tensor.where(kept, x, Trace.bind(new Full(x.type(), 0)));
    });
  }
}
