package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.IndexException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.runtime.Array;
import java.util.Arrays;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.stream.IntStream;

/**
 * Checks and normalises indices. Those that are arrays outside of any trace are checked against
 * their axis; inside a trace values are unknown, and the op clamps or drops.
 */
final class IndexBounds {
  /** Up to so many indices are read sooner than a program is run. */
  private static final int FEW = 256;

  private IndexBounds() {}

  /**
   * Checks the indices of an axis, of which negative ones count from its end.
   *
   * @return whether there may be negative ones
   * @throws DTypeException if they are no integers
   * @throws IndexException if one is known to be out of range
   */
  static boolean check(String op, Tensor x, int axis, Tensor index) {
    long extent = x.shape().extent(axis);
    return check(op, "axis %d of %s".formatted(axis, x.type()), -extent, extent, index);
  }

  /** Checks that integers lie in {@code [low, high)} if their values are known. */
  static boolean check(String op, String of, long low, long high, Tensor index) {
    requireIntegers(op, index);
    if (Trace.active() || !(index instanceof Array) || index.size() == 0) {
      return low < 0;
    }
    long[] ends = ends(index);
    if (ends[0] < low || ends[1] >= high) {
      throw outOfRange(op, of, low, high, ends[0] < low ? ends[0] : ends[1]);
    }
    return ends[0] < 0;
  }

  /** Returns the error that names an index. */
  static IndexException outOfRange(String op, String of, long low, long high, long index) {
    return new IndexException(
        "%s: index %d is out of range for %s; expected %d <= index < %d"
            .formatted(op, index, of, low, high));
  }

  static void requireIntegers(String op, Tensor index) {
    if (index.dtype() == DType.BOOL) {
      throw new DTypeException(
          ("%s: indices must be integers, got %s. What a mask selects has no static shape; use"
                  + " Tensor.where(mask, x, other), or x.at(mask).set(value)")
              .formatted(op, index.type()));
    }
    if (!index.dtype().isInteger()) {
      throw new DTypeException(
          "%s: indices must be integers, got %s. Cast them: index.cast(DType.I32)"
              .formatted(op, index.type()));
    }
  }

  /** Returns the smallest and the largest. */
  private static long[] ends(Tensor index) {
    if (index.size() <= FEW) {
      LongSummaryStatistics few = Arrays.stream(index.toLongArray()).summaryStatistics();
      return new long[] {few.getMin(), few.getMax()};
    }
    List<Integer> axes = IntStream.range(0, index.rank()).boxed().toList();
    List<Tensor> ends =
        Trace.stagedAll(() ->
            List.of(
                Trace.bind(new Reduction.Min(axes), index),
                Trace.bind(new Reduction.Max(axes), index)));
    try (Tensor low = ends.getFirst();
        Tensor high = ends.getLast()) {
      return new long[] {low.itemLong(), high.itemLong()};
    }
  }

  /** Returns the indices counted from the start of an axis; inside a staged body. */
  static Tensor fromStart(Tensor index, long extent) {
    Tensor wide = extent > Integer.MAX_VALUE ? index.cast(DType.I64) : index;
    Tensor behind = wide.add(Trace.bind(new Full(wide.type(), extent)));
    return Tensor.where(wide.less(Trace.bind(new Full(wide.type(), 0))), behind, wide);
  }
}
