package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.Full;

/** Norms of matrices and vectors, as NumPy defines them. */
final class MatrixNorms {
  private MatrixNorms() {}

  static Tensor matrix(Tensor a, MatrixNorm norm) {
    MatrixChecks.matrix("matrixNorm", a);
    return Trace.staged(() -> staged(a, norm));
  }

  private static Tensor staged(Tensor a, MatrixNorm norm) {
    return switch (norm) {
      case FROBENIUS -> a.square().sum(-2, -1).sqrt();
      case NUCLEAR -> LinAlg.svdValues(a).sum(-1);
      case ONE -> largest(a.abs().sum(-2));
      case MINUS_ONE -> a.abs().sum(-2).min(-1);
      case TWO -> largest(LinAlg.svdValues(a));
      case MINUS_TWO -> LinAlg.svdValues(a).min(-1);
      case INFINITY -> largest(a.abs().sum(-1));
      case MINUS_INFINITY -> a.abs().sum(-1).min(-1);
    };
  }

  /** Returns the maximum along the last axis; 0 of nothing. */
  private static Tensor largest(Tensor x) {
    return x.shape().extent(x.rank() - 1) == 0 ? x.sum(-1) : x.max(-1);
  }

  static Tensor vector(Tensor x, double p, int... axes) {
    MatrixChecks.floating("vectorNorm", x);
    ReductionOps.axes("vectorNorm", x, axes);
    return Trace.staged(() -> {
      if (p == 2) {
        return x.square().sum(axes).sqrt();
      }
      if (p == 0) {
        return x.notEqual(like(x, 0)).cast(x.dtype()).sum(axes);
      }
      Tensor size = x.abs();
      if (p == 1) {
        return size.sum(axes);
      }
      if (p == Double.POSITIVE_INFINITY) {
        return size.size() == 0 ? size.sum(axes) : size.max(axes);
      }
      if (p == Double.NEGATIVE_INFINITY) {
        return size.min(axes);
      }
      Tensor sum = size.pow(like(size, p)).sum(axes);
      return sum.pow(like(sum, 1 / p));
    });
  }

  static Tensor cond(Tensor a, MatrixNorm norm) {
    MatrixChecks.matrix("cond", a);
    if (Math.min(MatrixChecks.rows(a), MatrixChecks.columns(a)) == 0) {
      throw new ShapeException("cond: expected matrices that are not empty, got " + a.type());
    }
    boolean bySingularValues = norm == MatrixNorm.TWO || norm == MatrixNorm.MINUS_TWO;
    if (!bySingularValues) {
      MatrixChecks.square("cond", a);
    }
    return Trace.staged(() -> {
      if (bySingularValues) {
        Tensor s = LinAlg.svdValues(a);
        Tensor ratio = s.max(-1).div(s.min(-1));
        return norm == MatrixNorm.TWO ? ratio : orInfinite(s.min(-1).div(s.max(-1)), a);
      }
      return orInfinite(staged(a, norm).mul(staged(MatrixSolves.inv("cond", a), norm)), a);
    });
  }

  /** Returns inf for NaN that does not come of a NaN in the matrix. */
  private static Tensor orInfinite(Tensor x, Tensor a) {
    Tensor own = x.isNan().and(a.isNan().any(-2, -1).not());
    return Tensor.where(own, like(x, Double.POSITIVE_INFINITY), x);
  }

  private static Tensor like(Tensor x, double value) {
    return Trace.bind(new Full(x.type(), value));
  }
}
