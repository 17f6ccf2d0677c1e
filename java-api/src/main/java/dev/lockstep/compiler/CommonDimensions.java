package dev.lockstep.compiler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Finds dimensions over which two steps walk the same elements of memory: of two lists of
 * dimensions, each cut where the other one is.
 */
final class CommonDimensions {
  private CommonDimensions() {}

  /**
   * A dimension that both have.
   *
   * @param first the dimension of the first list that this is of
   * @param firstSteps what a step along this is in steps along that
   */
  record Piece(long extent, int first, long firstSteps, int second, long secondSteps) {}

  /** What is left to cut of a dimension. */
  private static final class Rest {
    final int dimension;
    final long stride;
    long extent;
    long steps = 1;

    Rest(int dimension, long stride, long extent) {
      this.dimension = dimension;
      this.stride = stride;
      this.extent = extent;
    }

    long distance() {
      return stride * steps;
    }

    boolean cut(long size) {
      steps *= size;
      extent /= size;
      return extent == 1;
    }
  }

  /**
   * Returns the common dimensions, those with the longest strides first, or null if the lists do
   * not walk the same elements, each once.
   */
  static List<Piece> of(long[] extents, long[] strides, long[] otherExtents, long[] otherStrides) {
    List<Rest> first = nearestFirst(extents, strides);
    List<Rest> second = nearestFirst(otherExtents, otherStrides);
    List<Piece> pieces = new ArrayList<>();
    while (!first.isEmpty() && !second.isEmpty()) {
      Rest a = first.getFirst();
      Rest b = second.getFirst();
      long size = Math.min(a.extent, b.extent);
      boolean together = a.distance() == b.distance() && a.distance() > 0;
      if (!together || a.extent % size != 0 || b.extent % size != 0) {
        return null;
      }
      pieces.addFirst(new Piece(size, a.dimension, a.steps, b.dimension, b.steps));
      if (a.cut(size)) {
        first.removeFirst();
      }
      if (b.cut(size)) {
        second.removeFirst();
      }
    }
    return first.isEmpty() && second.isEmpty() ? pieces : null;
  }

  private static List<Rest> nearestFirst(long[] extents, long[] strides) {
    List<Rest> rests = new ArrayList<>();
    for (int i = 0; i < extents.length; i++) {
      if (extents[i] != 1) {
        rests.add(new Rest(i, strides[i], extents[i]));
      }
    }
    rests.sort(Comparator.comparingLong(rest -> rest.stride));
    return rests;
  }
}
