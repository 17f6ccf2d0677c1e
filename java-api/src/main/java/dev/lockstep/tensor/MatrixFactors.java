package dev.lockstep.tensor;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Factorization;
import java.util.List;

/** The methods of {@link LinAlg} that take factors apart. */
final class MatrixFactors {
  private MatrixFactors() {}

  static LinAlg.Lu lu(Tensor a) {
    MatrixChecks.matrix("lu", a);
    long m = MatrixChecks.rows(a);
    long n = MatrixChecks.columns(a);
    long k = Math.min(m, n);
    List<Tensor> results =
        Trace.stagedAll(() -> {
          List<Tensor> factors = Trace.bindAll(new Factorization.Lu(), a);
          Tensor lu = factors.get(0);
          Tensor rows = factors.get(2).oneHot(Math.toIntExact(m), a.dtype());
          Tensor l = part(lu, m, k).tril(-1).add(Tensor.eye(a.dtype(), m, k));
          return List.of(rows.swapAxes(-1, -2), l, part(lu, k, n).triu(0));
        });
    return new LinAlg.Lu(results.get(0), results.get(1), results.get(2));
  }

  /** Returns the first rows and columns. */
  private static Tensor part(Tensor x, long rows, long columns) {
    long[] limit = x.shape().extents();
    limit[x.rank() - 2] = rows;
    limit[x.rank() - 1] = columns;
    return x.slice(new long[x.rank()], limit, ShapeOps.ones(x.rank()));
  }

  static LinAlg.Qr qr(String op, Tensor a, boolean full) {
    MatrixChecks.matrix(op, a);
    List<Tensor> results = Trace.bindAll(new Factorization.Qr(full), a);
    return new LinAlg.Qr(results.get(0), results.get(1));
  }

  /** The columns that the thin factors lack are those of a QR decomposition of them. */
  static LinAlg.Svd svdFull(Tensor a) {
    MatrixChecks.matrix("svdFull", a);
    List<Tensor> results =
        Trace.stagedAll(() -> {
          List<Tensor> thin = Trace.bindAll(new Factorization.Svd(true), a);
          Tensor u = completed(thin.get(1));
          Tensor v = completed(thin.get(2).swapAxes(-1, -2));
          return List.of(u, thin.get(0), v.swapAxes(-1, -2));
        });
    return new LinAlg.Svd(results.get(0), results.get(1), results.get(2));
  }

  /** Returns orthonormal columns {@code [..., m, k]} and more of them, {@code [..., m, m]}. */
  private static Tensor completed(Tensor columns) {
    long m = MatrixChecks.rows(columns);
    long k = MatrixChecks.columns(columns);
    if (m == k) {
      return columns;
    }
    Tensor q = Trace.bindAll(new Factorization.Qr(true), columns).getFirst();
    long[] start = new long[q.rank()];
    start[q.rank() - 1] = k;
    return Tensor.concatenate(-1, columns, q.slice(start, q.shape().extents()));
  }
}
