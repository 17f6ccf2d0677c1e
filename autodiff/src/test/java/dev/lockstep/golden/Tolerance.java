package dev.lockstep.golden;

import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.Optional;

/**
 * How far results may be off: {@code |got - want| <= absolute + relative * |want|}. NaN equals NaN,
 * infinities and integers must be equal.
 */
record Tolerance(double relative, double absolute) {

  /** Returns what differs, or nothing. */
  Optional<String> difference(Value got, Value want) {
    if (!got.type().equals(want.type())) {
      return Optional.of("expected %s, got %s".formatted(want.type(), got.type()));
    }
    return switch (want.elements()) {
      case double[] expected -> compare((double[]) got.elements(), expected, want.type());
      case long[] expected -> compare((long[]) got.elements(), expected, want.type());
      default -> throw new IllegalStateException("elements of " + want.type());
    };
  }

  private Optional<String> compare(double[] got, double[] want, TensorType type) {
    int first = -1;
    int count = 0;
    for (int i = 0; i < want.length; i++) {
      if (!accepts(got[i], want[i])) {
        first = first < 0 ? i : first;
        count++;
      }
    }
    return first < 0
        ? Optional.empty()
        : Optional.of(
            "%s%s: expected %s, got %s (rtol %s, atol %s; %d of %d elements differ)"
                .formatted(
                    type,
                    position(first, type),
                    want[first],
                    got[first],
                    relative,
                    absolute,
                    count,
                    want.length));
  }

  private boolean accepts(double got, double want) {
    if (Double.isNaN(want) || Double.isNaN(got)) {
      return Double.isNaN(want) && Double.isNaN(got);
    }
    if (Double.isInfinite(want) || Double.isInfinite(got)) {
      return want == got;
    }
    return Math.abs(got - want) <= absolute + relative * Math.abs(want);
  }

  private static Optional<String> compare(long[] got, long[] want, TensorType type) {
    int first = Arrays.mismatch(got, want);
    return first < 0
        ? Optional.empty()
        : Optional.of(
            "%s%s: expected %d, got %d"
                .formatted(type, position(first, type), want[first], got[first]));
  }

  /** Returns the row-major position as indices: {@code at [1, 2]}. */
  private static String position(int flat, TensorType type) {
    long[] indices = new long[type.shape().rank()];
    long rest = flat;
    for (int axis = indices.length - 1; axis >= 0; axis--) {
      indices[axis] = rest % type.shape().extent(axis);
      rest /= type.shape().extent(axis);
    }
    return " at " + Arrays.toString(indices);
  }
}
