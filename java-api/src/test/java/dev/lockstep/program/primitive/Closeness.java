package dev.lockstep.program.primitive;

import dev.lockstep.program.Primitive;
import dev.lockstep.tensor.DType;

/**
 * How close a kernel must come to the reference.
 *
 * @param units distance in units in the last place of the reference
 * @param absolute allowed in any case
 */
record Closeness(DType dtype, double units, double absolute) {
  /** The bound for kernels, and one more for the reference, which is not exact either. */
  private static final double KERNEL_UNITS = 5;

  /**
   * Returns the bound for an op.
   *
   * @param magnitude the sum of the absolute values of what it adds up
   */
  static Closeness of(Primitive op, DType dtype, double magnitude) {
    double epsilon = dtype == DType.F32 ? Math.ulp(1f) : Math.ulp(1.0);
    double units =
        switch (op) {
          case Special _ -> 16;
          case Reduction.Prod _ -> 512;
          default -> KERNEL_UNITS;
        };
    double offset = op instanceof Special ? 16 * epsilon : epsilon * magnitude;
    return new Closeness(dtype, units, offset);
  }

  boolean accepts(double got, double want) {
    if (Double.isNaN(want) || Double.isInfinite(want)) {
      return Double.compare(got, want) == 0;
    }
    double unit = dtype == DType.F32 ? Math.ulp((float) want) : Math.ulp(want);
    return Math.abs(got - want) <= units * unit + absolute;
  }
}
