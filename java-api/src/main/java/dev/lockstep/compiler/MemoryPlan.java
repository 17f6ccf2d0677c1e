package dev.lockstep.compiler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives every temporary its place in one workspace, so that temporaries which are never needed at
 * the same time share memory. Its exact size is known before anything runs.
 */
final class MemoryPlan {
  private static final long ALIGNMENT = 64;

  private MemoryPlan() {}

  /** A temporary with the first and last step that touch it. */
  private static final class Life {
    final Slot slot;
    final int first;
    int last;

    Life(Slot slot, int step) {
      this.slot = slot;
      this.first = step;
      this.last = step;
    }

    boolean overlaps(Life other) {
      return first <= other.last && other.first <= last;
    }

    long end() {
      return slot.offset + size();
    }

    long size() {
      return Math.ceilDiv(Math.max(1, slot.bytes), ALIGNMENT) * ALIGNMENT;
    }
  }

  /** Sets the offset of every temporary and returns the workspace's size in bytes. */
  static long assign(List<Step> steps) {
    Map<Slot, Life> lives = new HashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      touch(steps.get(i).reads(), i, lives);
      touch(steps.get(i).writes(), i, lives);
    }
    List<Life> largestFirst = new ArrayList<>(lives.values());
    largestFirst.sort(
        Comparator.comparingLong(Life::size).reversed().thenComparingInt(life -> life.first));
    List<Life> placed = new ArrayList<>();
    long size = 0;
    for (Life life : largestFirst) {
      life.slot.offset = lowestFree(life, placed);
      placed.add(life);
      size = Math.max(size, life.end());
    }
    return size;
  }

  private static void touch(List<View> views, int step, Map<Slot, Life> lives) {
    for (View view : views) {
      if (view.slot().kind == Slot.Kind.TEMPORARY) {
        lives.computeIfAbsent(view.slot(), slot -> new Life(slot, step)).last = step;
      }
    }
  }

  private static long lowestFree(Life life, List<Life> placed) {
    List<Life> neighbours =
        placed.stream()
            .filter(life::overlaps)
            .sorted(Comparator.comparingLong(other -> other.slot.offset))
            .toList();
    long offset = 0;
    for (Life neighbour : neighbours) {
      if (offset + life.size() <= neighbour.slot.offset) {
        break;
      }
      offset = Math.max(offset, neighbour.end());
    }
    return offset;
  }
}
