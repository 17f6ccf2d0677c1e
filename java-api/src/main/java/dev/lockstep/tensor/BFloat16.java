package dev.lockstep.tensor;

/**
 * The elements of {@link DType#BF16} as Java sees them: the upper 16 bits of a float. What {@link
 * Float#float16ToFloat} is for IEEE 754 binary16.
 */
public final class BFloat16 {
  private static final int INFINITY = 0x7f800000;

  private BFloat16() {}

  /** Returns the value of these bits, exactly. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /**
   * Returns the bits of the nearest bf16, the even one of two. NaN keeps its sign and upper bits
   * and is quiet.
   */
  public static short fromFloat(float value) {
    return rounded(Float.floatToRawIntBits(value));
  }

  /** Returns the bits of the nearest bf16, rounded once; see {@link #fromFloat}. */
  public static short fromDouble(double value) {
    float nearest = (float) value;
    int bits = Float.floatToRawIntBits(nearest);
    if ((bits & 0xffff) == 0x8000) {
      bits += (int) Math.signum(Math.abs(value) - Math.abs((double) nearest));
    }
    return rounded(bits);
  }

  /** Returns the nearest value that bf16 has. */
  public static double round(double value) {
    return toFloat(fromDouble(value));
  }

  private static short rounded(int bits) {
    boolean nan = (bits & 0x7fffffff) > INFINITY;
    int upper = nan ? bits >>> 16 | 0x40 : bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
    return (short) upper;
  }
}
