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
}
