package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/** The widths that a {@link Padding} means for given extents, and checks of lists of options. */
record SpatialPadding(List<Long> low, List<Long> high) {

  /**
   * Returns the widths for windows over these extents.
   *
   * @param reach what a window covers along each axis
   */
  static SpatialPadding of(
      String op, Padding padding, List<Long> extents, List<Long> reach, List<Long> strides) {
    return switch (padding) {
      case Padding.Valid _ -> {
        List<Long> none = Collections.nCopies(extents.size(), 0L);
        yield new SpatialPadding(none, none);
      }
      case Padding.Explicit explicit -> explicit(op, explicit, extents.size());
      case Padding.Same _ -> {
        SpatialPadding result = new SpatialPadding(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < extents.size(); i++) {
          long windows = Math.ceilDiv(extents.get(i), strides.get(i));
          long needed = (windows - 1) * strides.get(i) + reach.get(i) - extents.get(i);
          result.add(Math.max(0, needed) / 2, Math.max(0, needed));
        }
        yield result;
      }
    };
  }

  /** Returns the widths around the spread operand of a transposed convolution. */
  static SpatialPadding transposed(
      String op, Padding padding, List<Long> reach, List<Long> strides) {
    if (padding instanceof Padding.Explicit explicit) {
      return explicit(op, explicit, reach.size());
    }
    SpatialPadding result = new SpatialPadding(new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < reach.size(); i++) {
      long k = reach.get(i);
      long stride = strides.get(i);
      if (padding instanceof Padding.Same) {
        long both = k + stride - 2;
        result.add(stride > k - 1 ? k - 1 : Math.ceilDiv(both, 2), both);
      } else {
        result.add(k - 1, k + stride - 2 + Math.max(k - stride, 0));
      }
    }
    return result;
  }

  private void add(long before, long both) {
    low.add(before);
    high.add(both - before);
  }

  private static SpatialPadding explicit(String op, Padding.Explicit explicit, int axes) {
    List<Long> low = LongStream.of(explicit.low()).boxed().toList();
    List<Long> high = LongStream.of(explicit.high()).boxed().toList();
    boolean negative = low.stream().anyMatch(w -> w < 0) || high.stream().anyMatch(w -> w < 0);
    if (low.size() != axes || high.size() != axes || negative) {
      throw new ShapeException(
          "%s: expected padding of 0 or more for %d spatial axes, got %s"
              .formatted(op, axes, explicit));
    }
    return new SpatialPadding(low, high);
  }

  /** Returns the list, or 1 for each axis if it is empty, once it is checked. */
  static List<Long> perAxis(String op, String what, List<Long> values, int axes) {
    List<Long> all = values.isEmpty() ? Collections.nCopies(axes, 1L) : values;
    if (all.size() != axes || all.stream().anyMatch(value -> value < 1)) {
      throw new ShapeException(
          "%s: expected %s of 1 or more for %d spatial axes, got %s"
              .formatted(op, what, axes, values));
    }
    return all;
  }
}
