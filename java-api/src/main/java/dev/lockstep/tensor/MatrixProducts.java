package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import java.util.Arrays;

/** The methods of {@link LinAlg} that multiply, and those that see matrices in tensors. */
final class MatrixProducts {
  private MatrixProducts() {}

  static Tensor multiDot(Tensor... factors) {
    if (factors.length < 2) {
      throw new ShapeException("multiDot: expected at least two factors, got " + factors.length);
    }
    int last = factors.length - 1;
    for (int i = 0; i <= last; i++) {
      boolean end = i == 0 || i == last;
      if (factors[i].rank() != 2 && !(end && factors[i].rank() == 1)) {
        throw new ShapeException(
            "multiDot: expected matrices, of which the first and the last may be vectors, got %s"
                .formatted(factors[i].type()));
      }
    }
    Tensor[] matrices = factors.clone();
    boolean row = factors[0].rank() == 1;
    boolean column = factors[last].rank() == 1;
    return Trace.staged(() -> {
      matrices[0] = row ? factors[0].expandDims(0) : factors[0];
      matrices[last] = column ? factors[last].expandDims(1) : factors[last];
      Tensor product = product(matrices, splits(extents(matrices, factors)), 0, last);
      Tensor rest = row ? product.squeeze(0) : product;
      return column ? rest.squeeze(-1) : rest;
    });
  }

  /** Returns the rows of each matrix, then the columns of the last. */
  private static long[] extents(Tensor[] matrices, Tensor[] factors) {
    long[] extents = new long[matrices.length + 1];
    for (int i = 0; i < matrices.length; i++) {
      long rows = matrices[i].shape().extent(0);
      if (i > 0 && rows != extents[i]) {
        throw new ShapeException(
            "multiDot: expected as many columns as the next factor has rows, got %s and %s"
                .formatted(factors[i - 1].type(), factors[i].type()));
      }
      extents[i] = rows;
      extents[i + 1] = matrices[i].shape().extent(1);
    }
    return extents;
  }

  /**
   * Returns after which factor the product of factors i to j is split, {@code [i][j]}, for the
   * fewest multiplications (Cormen and others, Introduction to Algorithms, 15.2).
   */
  private static int[][] splits(long[] extents) {
    int n = extents.length - 1;
    double[][] costs = new double[n][n];
    int[][] splits = new int[n][n];
    for (int length = 1; length < n; length++) {
      for (int i = 0; i + length < n; i++) {
        int j = i + length;
        costs[i][j] = Double.POSITIVE_INFINITY;
        for (int k = i; k < j; k++) {
          double own = (double) extents[i] * extents[k + 1] * extents[j + 1];
          double cost = costs[i][k] + costs[k + 1][j] + own;
          if (cost < costs[i][j]) {
            costs[i][j] = cost;
            splits[i][j] = k;
          }
        }
      }
    }
    return splits;
  }

  private static Tensor product(Tensor[] matrices, int[][] splits, int from, int to) {
    if (from == to) {
      return matrices[from];
    }
    int split = splits[from][to];
    return product(matrices, splits, from, split).matmul(product(matrices, splits, split + 1, to));
  }

  static Tensor vecdot(Tensor x, Tensor y) {
    if (x.rank() == 0 || y.rank() == 0 || last(x) != last(y)) {
      throw new ShapeException(
          "vecdot: expected vectors of one length on the last axes, got %s and %s"
              .formatted(x.type(), y.type()));
    }
    Broadcasting.shape("vecdot", x, y);
    return ElementwiseOps.composed(x, y, (a, b) -> a.mul(b).sum(-1));
  }

  static Tensor cross(Tensor x, Tensor y) {
    if (x.rank() == 0 || y.rank() == 0 || last(x) != 3 || last(y) != 3) {
      throw new ShapeException(
          "cross: expected vectors [..., 3], got %s and %s".formatted(x.type(), y.type()));
    }
    Broadcasting.shape("cross", x, y);
    CompositeOps.requireNumbers("cross", x, y);
    return Trace.staged(
        () -> x.roll(-1, -1).mul(y.roll(-2, -1)).sub(x.roll(-2, -1).mul(y.roll(-1, -1))));
  }

  private static long last(Tensor x) {
    return x.shape().extent(x.rank() - 1);
  }

  static Tensor tensorSolve(Tensor a, Tensor b) {
    long[] extents = a.shape().extents();
    long[] given = b.shape().extents();
    boolean leads =
        extents.length >= given.length
            && Arrays.equals(Arrays.copyOf(extents, given.length), given);
    long[] solution = leads ? Arrays.copyOfRange(extents, given.length, extents.length) : given;
    long n = b.size();
    if (!leads || Shape.of(solution).size() != n) {
      throw new ShapeException(
          "tensorSolve: expected a of b's shape followed by axes of as many elements, got %s and %s"
              .formatted(a.type(), b.type()));
    }
    return Trace.staged(() ->
        MatrixSolves.solve("tensorSolve", a.reshape(n, n), b.reshape(n))
            .reshape(Shape.of(solution)));
  }

  static Tensor tensorInv(Tensor a, int axes) {
    if (axes < 1 || axes >= a.rank()) {
      throw new ShapeException(
          "tensorInv: expected 1 to %d axes for the rows of %s, got %d"
              .formatted(a.rank() - 1, a.type(), axes));
    }
    long[] extents = a.shape().extents();
    long[] rows = Arrays.copyOf(extents, axes);
    long[] columns = Arrays.copyOfRange(extents, axes, extents.length);
    long n = Shape.of(rows).size();
    if (Shape.of(columns).size() != n) {
      throw new ShapeException(
          "tensorInv: expected as many elements along the first %d axes as along the others, got %s"
              .formatted(axes, a.type()));
    }
    long[] result = Arrays.copyOf(columns, extents.length);
    System.arraycopy(rows, 0, result, columns.length, rows.length);
    return Trace.staged(() -> MatrixSolves.inv("tensorInv", a.reshape(n, n)).reshape(result));
  }
}
