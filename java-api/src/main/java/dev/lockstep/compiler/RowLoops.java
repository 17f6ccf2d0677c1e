package dev.lockstep.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Consecutive loops over common rows, which the native core runs block by block of rows: all of
 * them on one block, while that is in a cache, before the next. It does so if no row of what they
 * write meets another row of what they read or write there.
 *
 * @param first the first loop's position among the steps
 * @param rows the extents of the first dimensions, whose points are the rows
 * @param accesses of all operands in memory
 */
record RowLoops(int first, int end, long[] rows, List<RowAccess> accesses) {
  /** Less stays in the caches from loop to loop. */
  private static final long FEWEST_BYTES = 1 << 20;

  /** More of one row does not. */
  private static final long MOST_BYTES_OF_ROW = 1 << 20;

  private static final int MOST_LOOPS = 32;

  /** Returns the groups of two loops or more among the steps, in order. */
  static List<RowLoops> find(List<Step> steps) {
    List<RowLoops> groups = new ArrayList<>();
    if (bytesOfLoops(steps) < FEWEST_BYTES) {
      return groups;
    }
    for (int first = 0; first < steps.size(); ) {
      RowLoops group = new RowLoops(first, first, null, List.of());
      for (RowLoops next = group; next != null; next = group.grow(steps)) {
        group = next;
      }
      if (group.isWorthwhile()) {
        groups.add(group);
      }
      first = Math.max(first + 1, group.end);
    }
    return groups;
  }

  boolean contains(int step) {
    return first <= step && step < end;
  }

  /** Returns whether the slot's memory is the rows one after the other for all of the loops. */
  boolean areRowsOf(Slot slot) {
    return accesses.stream()
        .filter(access -> access.slot() == slot)
        .allMatch(access -> access.isRowOfSlot(rows));
  }

  private RowLoops grow(List<Step> steps) {
    if (end == steps.size()
        || end - first == MOST_LOOPS
        || !(steps.get(end) instanceof Step.Loop loop)
        || Arrays.stream(loop.extents()).anyMatch(extent -> extent == 0)) {
      return null;
    }
    long[] common = keptExtents(loop);
    for (Step member : steps.subList(first, end)) {
      int mismatch = Arrays.mismatch(common, keptExtents((Step.Loop) member));
      common = mismatch < 0 ? common : Arrays.copyOf(common, mismatch);
    }
    if (rows != null && rows.length <= common.length) {
      List<RowAccess> all = takeIn(loop, accesses, rows);
      if (all != null) {
        return new RowLoops(first, end + 1, rows, all);
      }
    }
    for (int rank = rows == null ? 1 : rows.length + 1; rank <= common.length; rank++) {
      long[] more = Arrays.copyOf(common, rank);
      List<RowAccess> all = List.of();
      for (int i = first; i <= end && all != null; i++) {
        all = takeIn((Step.Loop) steps.get(i), all, more);
      }
      if (all != null) {
        return new RowLoops(first, end + 1, more, all);
      }
    }
    return null;
  }

  /** Returns the accesses and the loop's, or null if they do not all keep to their rows. */
  private static List<RowAccess> takeIn(Step.Loop loop, List<RowAccess> before, long[] rows) {
    List<RowAccess> all = new ArrayList<>(before);
    for (View input : loop.inputs()) {
      if (input.slot().isMemory()) {
        all.add(RowAccess.of(input, false, loop.extents(), rows.length));
      }
    }
    for (Step.Result result : loop.results()) {
      long[] extents = result.reduce() == 0 ? loop.extents() : keptExtents(loop);
      all.add(RowAccess.of(result.to(), true, extents, rows.length));
    }
    for (int i = before.size(); i < all.size(); i++) {
      for (RowAccess other : all.subList(0, i + 1)) {
        if (!all.get(i).keepsToItsRows(other, rows)) {
          return null;
        }
      }
    }
    return bytesOfRow(all) <= MOST_BYTES_OF_ROW ? all : null;
  }

  private boolean isWorthwhile() {
    if (end - first < 2) {
      return false;
    }
    long count = Arrays.stream(rows).reduce(1, (a, b) -> a * b);
    return count >= 2 && bytesOfRow(accesses) >= FEWEST_BYTES / count;
  }

  /** Counts each byte once. */
  private static long bytesOfRow(List<RowAccess> accesses) {
    long bytes = 0;
    for (int i = 0; i < accesses.size(); i++) {
      boolean again = accesses.subList(0, i).stream().anyMatch(accesses.get(i)::isSamePlace);
      bytes += again ? 0 : accesses.get(i).span();
    }
    return bytes;
  }

  private static long bytesOfLoops(List<Step> steps) {
    return steps.stream()
        .filter(Step.Loop.class::isInstance)
        .flatMap(step -> Stream.concat(step.reads().stream(), step.writes().stream()))
        .mapToLong(View::distinctBytes)
        .sum();
  }

  private static long[] keptExtents(Step.Loop loop) {
    boolean reduces = loop.results().stream().anyMatch(result -> result.reduce() != 0);
    int kept = loop.extents().length - (reduces ? loop.reduceRank() : 0);
    return Arrays.copyOf(loop.extents(), kept);
  }
}
