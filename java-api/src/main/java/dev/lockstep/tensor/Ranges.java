package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;

/** Numbers at equal distances. */
final class Ranges {
  private Ranges() {}

  static Tensor integers(DType dtype, long start, long limit, long step) {
    long count = count(start, limit, step);
    Tensor first = dtype == DType.I32 ? Tensor.scalar((int) start) : Tensor.scalar(start);
    Tensor distance = dtype == DType.I32 ? Tensor.scalar((int) step) : Tensor.scalar(step);
    return sequence(dtype, count, first, start == 0, distance, step == 1);
  }

  static Tensor doubles(double start, double limit, double step) {
    double count = Math.ceil((limit - start) / step);
    if (step == 0 || !(count < Long.MAX_VALUE)) {
      throw cannot(start, limit, step);
    }
    // As NumPy, which takes the distance between the first two rounded elements.
    double distance = start + step - start;
    return sequence(
        DType.F64,
        (long) Math.max(0, count),
        Tensor.scalar(start),
        start == 0,
        Tensor.scalar(distance),
        distance == 1);
  }

  /** Returns {@code count} numbers from {@code start} to {@code end}, both included. */
  static Tensor linspace(double start, double end, long count) {
    if (count < 0 || count > Integer.MAX_VALUE - 8) {
      throw new ShapeException("linspace: expected a count of 0 to 2^31 - 9, got " + count);
    }
    double[] elements = new double[(int) count];
    double step = (end - start) / (count - 1);
    for (int i = 0; i < elements.length; i++) {
      elements[i] = start + i * step;
    }
    if (count > 1) {
      elements[elements.length - 1] = end;
    } else if (count == 1) {
      elements[0] = start;
    }
    return Tensor.of(elements);
  }

  private static long count(long start, long limit, long step) {
    if (step == 0) {
      throw cannot(start, limit, step);
    }
    try {
      return Math.max(0, Math.ceilDivExact(Math.subtractExact(limit, start), step));
    } catch (ArithmeticException e) {
      throw cannot(start, limit, step);
    }
  }

  private static ShapeException cannot(Number start, Number limit, Number step) {
    return new ShapeException(
        "arange: no finite number of steps of %s leads from %s to %s"
            .formatted(step, start, limit));
  }

  private static Tensor sequence(
      DType dtype, long count, Tensor start, boolean fromZero, Tensor step, boolean byOne) {
    if (fromZero && byOne) {
      return Filled.iota(dtype, count);
    }
    return Trace.staged(() -> Filled.iota(dtype, count).mul(step).add(start));
  }
}
