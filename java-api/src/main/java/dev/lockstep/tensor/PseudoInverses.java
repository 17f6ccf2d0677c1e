package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Derived;
import dev.lockstep.program.primitive.Factorization;
import dev.lockstep.program.primitive.Structural.Full;
import java.util.List;

/**
 * The methods of {@link LinAlg} that leave small singular values out. A tolerance of NaN is the
 * default.
 */
final class PseudoInverses {
  private PseudoInverses() {}

  static Tensor pinv(Tensor a, double rtol) {
    MatrixChecks.matrix("pinv", a);
    double tolerance = Double.isNaN(rtol) ? 10 * defaultTolerance(a) : rtol;
    return Trace.staged(() -> {
      if (Math.min(MatrixChecks.rows(a), MatrixChecks.columns(a)) == 0) {
        return a.swapAxes(-1, -2);
      }
      List<Tensor> svd = Trace.bindAll(new Factorization.Svd(true), a.stopGradient());
      Tensor s = svd.get(0);
      Tensor cutoff = largest(s).mul(like(s, tolerance));
      Tensor kept =
          Tensor.where(s.greater(cutoff), s, like(s, Double.POSITIVE_INFINITY)).expandDims(-1);
      Tensor ut = svd.get(1).swapAxes(-1, -2);
      Tensor value = svd.get(2).swapAxes(-1, -2).matmul(ut.div(kept));
      return Trace.bind(new Derived.PseudoInverse(), a, value);
    });
  }

  static Tensor rank(Tensor a) {
    MatrixChecks.matrix("matrixRank", a);
    return Trace.staged(() -> {
      Tensor s = Trace.bind(new Factorization.Svd(false), a);
      if (s.shape().extent(s.rank() - 1) == 0) {
        return s.cast(DType.I64).sum(-1);
      }
      Tensor cutoff = largest(s).mul(like(s, defaultTolerance(a)));
      return s.greater(cutoff).cast(DType.I64).sum(-1);
    });
  }

  static LinAlg.LeastSquares lstsq(Tensor a, Tensor b, double rcond) {
    MatrixChecks.matrix("lstsq", a);
    MatrixChecks.floating("lstsq", b);
    boolean vector = b.rank() == 1;
    long m = MatrixChecks.rows(a);
    if (b.rank() == 0 || b.shape().extent(vector ? 0 : b.rank() - 2) != m) {
      throw new ShapeException(
          "lstsq: expected b of [%d] or [..., %d, k] for a of %s, got %s"
              .formatted(m, m, a.type(), b.type()));
    }
    DType dtype = DType.promote(a.dtype(), b.dtype());
    double tolerance = Double.isNaN(rcond) ? defaultTolerance(a) : rcond;
    List<Tensor> results =
        Trace.stagedAll(() -> {
          Tensor x = ElementwiseOps.convert(a, dtype);
          Tensor y = ElementwiseOps.convert(vector ? b.expandDims(-1) : b, dtype);
          return solve(x, y, vector, tolerance);
        });
    return new LinAlg.LeastSquares(results.get(0), results.get(1), results.get(2), results.get(3));
  }

  private static List<Tensor> solve(Tensor a, Tensor b, boolean vector, double tolerance) {
    List<Tensor> svd = Trace.bindAll(new Factorization.Svd(true), a);
    Tensor s = svd.get(0);
    Tensor zero = like(s, 0);
    boolean none = s.shape().extent(s.rank() - 1) == 0;
    Tensor cutoff = none ? zero : largest(s).mul(like(s, tolerance));
    Tensor kept = s.greater(zero).and(s.greaterEqual(cutoff));
    Tensor safe = Tensor.where(kept, s, like(s, 1));
    Tensor inverse = Tensor.where(kept, safe.reciprocal(), zero).expandDims(-1);
    Tensor inside = inverse.mul(svd.get(1).swapAxes(-1, -2).matmul(b));
    Tensor x = svd.get(2).swapAxes(-1, -2).matmul(inside);
    Tensor residuals = b.sub(a.matmul(x)).square().sum(-2);
    return List.of(vector ? x.squeeze(-1) : x, residuals, kept.cast(DType.I64).sum(-1), s);
  }

  private static double defaultTolerance(Tensor a) {
    double epsilon = a.dtype().epsilon();
    return Math.max(MatrixChecks.rows(a), MatrixChecks.columns(a)) * epsilon;
  }

  /** Returns the first singular value of each matrix, for all of its values. */
  private static Tensor largest(Tensor s) {
    long[] limit = s.shape().extents();
    limit[s.rank() - 1] = 1;
    Tensor first = s.slice(new long[s.rank()], limit, ShapeOps.ones(s.rank()));
    return Broadcasting.to(first, s.shape());
  }

  private static Tensor like(Tensor x, double value) {
    return Trace.bind(new Full(x.type(), value));
  }
}
