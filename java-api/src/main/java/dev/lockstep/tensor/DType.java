package dev.lockstep.tensor;

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
  F64("f64", 8, 4);

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

  /** Returns true for {@link #F32} and {@link #F64}: the dtypes that have derivatives. */
  public boolean isFloating() {
    return this == F32 || this == F64;
  }

  /** Returns true for {@link #I32} and {@link #I64}. */
  public boolean isInteger() {
    return this == I32 || this == I64;
  }

  /**
   * Returns the dtype that holds the values of both, by NumPy's rule: nothing narrows, so {@code
   * i32} with {@code f32} gives {@code f64}.
   */
  public static DType promote(DType a, DType b) {
    if (a == b || b == BOOL) {
      return a;
    }
    if (a == BOOL) {
      return b;
    }
    return a.isInteger() && b.isInteger() ? I64 : F64;
  }

  /** Returns the short name that shapes print with: {@code f32}. */
  @Override
  public String toString() {
    return text;
  }
}
