package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.Structural.Full;

/** Powers with a whole exponent by repeated squaring: exact derivatives, also at 0 and below. */
final class Powers {
  /** Above this a general power is about as fast and more accurate. */
  private static final long LARGEST = 64;

  private Powers() {}

  /** Returns {@code x^exponent}. */
  static Tensor of(Tensor x, long exponent) {
    if (x.dtype() == DType.BOOL || (exponent < 0 && !x.dtype().isFloating())) {
      throw new DTypeException(
          "pow: %s to the power %d is not defined. Cast it: x.cast(DType.F64)"
              .formatted(x.type(), exponent));
    }
    if (Math.abs(exponent) > LARGEST || exponent == Long.MIN_VALUE) {
      return ElementwiseOps.arithmetic(
          new BinaryArithmetic.Pow(), null, x, Scalars.beside("pow", x, exponent));
    }
    return Trace.staged(
        () -> exponent < 0 ? positive(x, -exponent).reciprocal() : positive(x, exponent));
  }

  private static Tensor positive(Tensor x, long exponent) {
    if (exponent == 0) {
      return Trace.bind(new Full(x.type(), 1));
    }
    Tensor half = exponent == 1 ? null : positive(x, exponent / 2);
    Tensor even = half == null ? null : half.square();
    return even == null ? x : exponent % 2 == 0 ? even : even.mul(x);
  }
}
