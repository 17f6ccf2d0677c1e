package dev.lockstep.program.primitive;

import dev.lockstep.program.Primitive;
import dev.lockstep.tensor.DType;

/**
 * How close a kernel must come to the reference.
 *
 * @param units distance in units in the last place of the reference
 * @param absolute allowed in any case
 * @param signOfZero whether 0 and -0 differ; max and min of both may give either, as in NumPy
 */
record Closeness(DType dtype, double units, double absolute, boolean signOfZero) {
  /** The bound for kernels, and one more for the reference, which is not exact either. */
  private static final double KERNEL_UNITS = 5;

  /**
   * Returns the bound for an op.
   *
   * @param magnitude the sum of the absolute values of what it adds up
   */
  static Closeness of(Primitive op, DType dtype, double magnitude) {
    // bf16 is computed in f32 by both; their last bits may differ where that rounds it apart.
    boolean narrow = dtype == DType.BF16;
    double epsilon = narrow ? DType.F32.epsilon() : dtype.isFloating() ? dtype.epsilon() : 0;
    double units =
        switch (op) {
          case Primitive _ when narrow -> 1;
          case Special _ -> 16;
          case Reduction.Prod _ -> 512;
          default -> KERNEL_UNITS;
        };
    double offset = op instanceof Special ? 64 * epsilon : epsilon * magnitude;
    boolean chooses =
        op instanceof BinaryArithmetic.Maximum || op instanceof BinaryArithmetic.Minimum;
    return new Closeness(dtype, units, offset, !chooses);
  }

  boolean accepts(double got, double want) {
    if (signOfZero && got == 0 && want == 0) {
      return Double.compare(got, want) == 0;
    }
    if (Double.isNaN(want) || Double.isInfinite(want)) {
      return Double.compare(got, want) == 0;
    }
    double unit =
        switch (dtype) {
          case F32 -> Math.ulp((float) want);
          case BF16 -> Math.scalb(Math.ulp((float) want), 16);
          default -> Math.ulp(want);
        };
    return Math.abs(got - want) <= units * unit + absolute;
  }
}
