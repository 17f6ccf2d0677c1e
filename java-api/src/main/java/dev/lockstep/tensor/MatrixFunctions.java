package dev.lockstep.tensor;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.Full;

/** Powers and exponentials of matrices. */
final class MatrixFunctions {
  private static final int MOST_SQUARINGS = 16;

  /** The largest norms for which the approximations of orders 13 and 7 are exact to rounding. */
  private static final double LARGEST_F64 = 5.371920351148152;

  private static final double LARGEST_F32 = 3.925724783138660;

  private static final double[] PADE_13 = {
    64764752532480000.0,
    32382376266240000.0,
    7771770303897600.0,
    1187353796428800.0,
    129060195264000.0,
    10559470521600.0,
    670442572800.0,
    33522128640.0,
    1323241920.0,
    40840800.0,
    960960.0,
    16380.0,
    182.0,
    1.0
  };
  private static final double[] PADE_7 = {
    17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0, 1.0
  };

  private MatrixFunctions() {}

  static Tensor power(Tensor a, int n) {
    MatrixChecks.square("matrixPower", a);
    return Trace.staged(() -> {
      if (n == 0) {
        long size = MatrixChecks.rows(a);
        return Broadcasting.to(Tensor.eye(a.dtype(), size, size), a.shape());
      }
      Tensor square = n < 0 ? MatrixSolves.inv("matrixPower", a) : a;
      Tensor result = null;
      for (long rest = Math.abs((long) n); rest > 0; rest /= 2) {
        if (rest % 2 == 1) {
          result = result == null ? square : result.matmul(square);
        }
        if (rest > 1) {
          square = square.matmul(square);
        }
      }
      return result;
    });
  }

  static Tensor exponential(Tensor a) {
    MatrixChecks.square("expm", a);
    if (a.size() == 0) {
      return ElementwiseOps.same(a);
    }
    return Trace.staged(() -> {
      boolean single = a.dtype() == DType.F32;
      Tensor norm = a.stopGradient().abs().sum(-2).max(-1);
      Tensor ratio = norm.div(like(norm, single ? LARGEST_F32 : LARGEST_F64));
      Tensor squarings = ratio.log2().floor().maximum(like(norm, 0));
      Tensor each = squarings.expandDims(-1).expandDims(-1);
      Tensor result = approximation(a.div(each.exp2()), single ? PADE_7 : PADE_13);
      for (int i = 0; i < MOST_SQUARINGS; i++) {
        Tensor more = Broadcasting.to(each.greater(like(each, i)), a.shape());
        result = Tensor.where(more, result.matmul(result), result);
      }
      Tensor fits = Broadcasting.to(each.lessEqual(like(each, MOST_SQUARINGS)), a.shape());
      return Tensor.where(fits, result, like(a, Double.NaN));
    });
  }

  /** Returns {@code (v - u)⁻¹ (v + u)}, u of odd powers of a and v of even ones. */
  private static Tensor approximation(Tensor a, double[] b) {
    long n = MatrixChecks.rows(a);
    Tensor identity = Broadcasting.to(Tensor.eye(a.dtype(), n, n), a.shape());
    Tensor a2 = a.matmul(a);
    Tensor a4 = a2.matmul(a2);
    Tensor a6 = a4.matmul(a2);
    Tensor odd = sum(identity, a2, a4, a6, b[1], b[3], b[5], b[7]);
    Tensor even = sum(identity, a2, a4, a6, b[0], b[2], b[4], b[6]);
    if (b.length > 8) {
      odd = odd.add(a6.matmul(sum(null, a2, a4, a6, 0, b[9], b[11], b[13])));
      even = even.add(a6.matmul(sum(null, a2, a4, a6, 0, b[8], b[10], b[12])));
    }
    Tensor u = a.matmul(odd);
    return LinAlg.solve(even.sub(u), even.add(u));
  }

  private static Tensor sum(
      Tensor identity,
      Tensor a2,
      Tensor a4,
      Tensor a6,
      double b0,
      double b2,
      double b4,
      double b6) {
    Tensor result = a2.mul(like(a2, b2)).add(a4.mul(like(a4, b4))).add(a6.mul(like(a6, b6)));
    return identity == null ? result : result.add(identity.mul(like(identity, b0)));
  }

  private static Tensor like(Tensor x, double value) {
    return Trace.bind(new Full(x.type(), value));
  }
}
