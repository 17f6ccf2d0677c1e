package dev.lockstep.program.primitive;

import dev.lockstep.tensor.DType;

/** The dtypes that an elementwise op takes. */
public enum Domain {
  /** Numbers: all dtypes but bool. */
  ARITHMETIC,
  /** {@code f32}, {@code f64} and {@code bf16}. */
  FLOATING,
  /** Bool and the integers. */
  BITWISE,
  /** The integers. */
  INTEGER,
  /** All dtypes. */
  ANY;

  /** Returns whether an op of this domain takes {@code dtype}. */
  public boolean contains(DType dtype) {
    return switch (this) {
      case ARITHMETIC -> dtype != DType.BOOL;
      case FLOATING -> dtype.isFloating();
      case BITWISE -> !dtype.isFloating();
      case INTEGER -> dtype.isInteger();
      case ANY -> true;
    };
  }
}
