package dev.lockstep.tensor;

import dev.lockstep.error.IndexException;

/** The kinds of {@link Index}. */
final class IndexEntry {
  private IndexEntry() {}

  record At(long position) implements Index {}

  record All() implements Index {}

  record Ellipsis() implements Index {}

  record NewAxis() implements Index {}

  record Of(Tensor positions) implements Index {}

  /** Positions at equal distances; null bounds are the ends of the axis. */
  record Range(Long start, Long stop, long step) implements Index {
    Range {
      if (step == 0) {
        throw new IndexException("range: the step must not be 0");
      }
      step = Math.max(step, -Long.MAX_VALUE); // so that it has a negative
    }

    /** Returns the positions on an axis of this extent. */
    Positions on(long extent) {
      long lowest = step > 0 ? 0 : -1;
      long highest = step > 0 ? extent : extent - 1;
      long first = start == null ? (step > 0 ? lowest : highest) : inside(start, extent);
      long end = stop == null ? (step > 0 ? highest : lowest) : inside(stop, extent);
      long count = step > 0 ? Math.ceilDiv(end - first, step) : Math.ceilDiv(first - end, -step);
      return new Positions(first, Math.max(0, count), step);
    }

    private long inside(long bound, long extent) {
      long lowest = step > 0 ? 0 : -1;
      return Math.clamp(bound < 0 ? bound + extent : bound, lowest, lowest + extent);
    }
  }

  /** The positions {@code start + step i} for i below {@code count}, all of them on the axis. */
  record Positions(long start, long count, long step) {
    boolean isWhole(long extent) {
      return start == 0 && step == 1 && count == extent;
    }

    /** Returns the smallest position, or 0 if there is none. */
    long lowest() {
      return count == 0 ? 0 : Math.min(start, start + (count - 1) * step);
    }

    /** Returns the position behind the largest, or 0 if there is none. */
    long limit() {
      return count == 0 ? 0 : Math.max(start, start + (count - 1) * step) + 1;
    }
  }
}
