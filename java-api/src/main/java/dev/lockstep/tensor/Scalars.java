package dev.lockstep.tensor;

import dev.lockstep.compiler.Bits;
import dev.lockstep.error.DTypeException;
import dev.lockstep.runtime.Array;

/** Java numbers as operands. They are weak: the tensor they meet keeps its dtype if it can. */
final class Scalars {
  private Scalars() {}

  /**
   * Returns {@code value} as an operand next to {@code x}: in its dtype, or f64 if that is none.
   */
  static Tensor beside(Tensor x, double value) {
    return of(x.dtype().isFloating() ? x.dtype() : DType.F64, value);
  }

  /**
   * Returns {@code value} as an operand next to {@code x}: in its dtype, or i64 if that is bool.
   *
   * @throws DTypeException if the dtype is i32 and the value too large for it
   */
  static Tensor beside(String op, Tensor x, long value) {
    DType dtype = x.dtype();
    if (dtype == DType.I32 && value != (int) value) {
      throw new DTypeException(
          "%s: %d does not fit in i32, the dtype of %s. Cast the tensor: x.cast(DType.I64)"
              .formatted(op, value, x.type()));
    }
    return switch (dtype) {
      case F32, F64, BF16 -> of(dtype, (double) value);
      case I32 -> Array.literal(dtype, Integer.toUnsignedLong((int) value));
      case I64, BOOL -> Array.literal(DType.I64, value);
    };
  }

  private static Tensor of(DType dtype, double value) {
    return Array.literal(dtype, Bits.of(dtype, value));
  }
}
