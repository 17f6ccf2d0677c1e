package dev.lockstep.tensor;

import java.util.Arrays;

/** How many elements are added around the spatial axes before windows slide over them. */
public sealed interface Padding {
  /** None: windows stay inside. */
  Padding VALID = new Valid();

  /**
   * As many that there are {@code ceil(extent / stride)} windows, as evenly as possible; an odd one
   * stands after.
   */
  Padding SAME = new Same();

  /** Returns a padding of so many elements before and after each spatial axis. */
  static Padding of(long[] low, long[] high) {
    return new Explicit(low, high);
  }

  /** Returns a padding of the same number of elements before and after each spatial axis. */
  static Padding around(long... width) {
    return new Explicit(width, width);
  }

  /** {@link #VALID}. */
  record Valid() implements Padding {}

  /** {@link #SAME}. */
  record Same() implements Padding {}

  /**
   * Widths that are given.
   *
   * @param low elements before each spatial axis
   * @param high elements after
   */
  record Explicit(long[] low, long[] high) implements Padding {
    /** Copies the widths. */
    public Explicit {
      low = low.clone();
      high = high.clone();
    }

    @Override
    public long[] low() {
      return low.clone();
    }

    @Override
    public long[] high() {
      return high.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Explicit e
          && Arrays.equals(low, e.low)
          && Arrays.equals(high, e.high);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(low) + Arrays.hashCode(high);
    }

    @Override
    public String toString() {
      return "low %s, high %s".formatted(Arrays.toString(low), Arrays.toString(high));
    }
  }
}
