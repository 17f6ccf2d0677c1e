package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;

/** The type of a tensor's elements. */
public enum DType {
  /** One byte, 0 or 1. */
  BOOL("bool", 1, 0),
  /** 32-bit integers; overflow wraps, as in Java. */
  I32("i32", 4, 1),
  /** 64-bit integers; overflow wraps, as in Java. */
  I64("i64", 8, 2),
  /** IEEE 754 binary32. */
  F32("f32", 4, 3),
  /** IEEE 754 binary64. */
  F64("f64", 8, 4),
  /**
   * The upper half of an f32: its range, 8 bits of precision, half of the memory. Made for storage:
   * every op takes its operands as f32, computes in f32 and rounds its result to the nearest, ties
   * to even, once at its end, also if it is a sum, a matrix product or a softmax. Linear algebra
   * and random numbers are not defined for it: cast.
   */
  BF16("bf16", 2, 5);

  private final String text;
  private final int bytes;
  private final int code;

  DType(String text, int bytes, int code) {
    this.text = text;
    this.bytes = bytes;
    this.code = code;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Returns the number that stands for this dtype in the native core ({@code ls_dtype}). */
  public int code() {
    return code;
  }

  /** Returns true for {@link #F32}, {@link #F64}, {@link #BF16}: those that have derivatives. */
  public boolean isFloating() {
    return this == F32 || this == F64 || this == BF16;
  }

  /** Returns true for {@link #I32} and {@link #I64}. */
  public boolean isInteger() {
    return this == I32 || this == I64;
  }

  /**
   * Returns the distance from 1 to the next larger number: 2^-23 for f32, 2^-52 for f64, 2^-7 for
   * bf16.
   *
   * @throws dev.lockstep.error.DTypeException if the dtype is not floating
   */
  public double epsilon() {
    return switch (this) {
      case F32 -> Math.ulp(1f);
      case F64 -> Math.ulp(1.0);
      case BF16 -> 0x1p-7;
      case BOOL, I32, I64 -> throw notFloating("epsilon");
    };
  }

  /**
   * Returns the largest finite number.
   *
   * @throws dev.lockstep.error.DTypeException if the dtype is not floating
   */
  public double largest() {
    return switch (this) {
      case F32 -> Float.MAX_VALUE;
      case F64 -> Double.MAX_VALUE;
      case BF16 -> 0x1.fep127;
      case BOOL, I32, I64 -> throw notFloating("largest");
    };
  }

  private DTypeException notFloating(String op) {
    return new DTypeException("%s: expected f32, f64 or bf16, got %s".formatted(op, this));
  }

  /**
   * Returns the dtype that holds the values of both, by NumPy's rule: nothing narrows, so {@code
   * i32} with {@code f32} gives {@code f64}, and with {@code bf16} too.
   */
  public static DType promote(DType a, DType b) {
    if (a == b || b == BOOL) {
      return a;
    }
    if (a == BOOL) {
      return b;
    }
    if (a.isInteger() && b.isInteger()) {
      return I64;
    }
    boolean single = (a == BF16 && b == F32) || (a == F32 && b == BF16);
    return single ? F32 : F64;
  }

  /** Returns the short name that shapes print with: {@code f32}. */
  @Override
  public String toString() {
    return text;
  }
}
