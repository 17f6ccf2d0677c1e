package dev.lockstep.compiler;

import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.DType;

/** The bit patterns of single elements, as the native core takes constants. */
public final class Bits {
  private Bits() {}

  /** Returns the pattern of {@code value} in the low bytes. */
  public static long of(DType dtype, Number value) {
    return switch (dtype) {
      case BOOL -> value.longValue() != 0 ? 1 : 0;
      case I32 -> value.intValue() & 0xFFFFFFFFL;
      case I64 -> value.longValue();
      case F32 -> Float.floatToRawIntBits(value.floatValue()) & 0xFFFFFFFFL;
      case F64 -> Double.doubleToRawLongBits(value.doubleValue());
      case BF16 -> Short.toUnsignedLong(BFloat16.fromDouble(value.doubleValue()));
    };
  }
}
