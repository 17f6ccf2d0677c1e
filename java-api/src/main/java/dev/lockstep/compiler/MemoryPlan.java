package dev.lockstep.compiler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Gives every temporary its place, so that temporaries which are never needed at the same time
 * share memory: an elementwise result takes the place of an operand that ends with its step; what
 * ends before an output is first written stands in that output's memory; the others share one
 * workspace, whose exact size is known before anything runs.
 */
final class MemoryPlan {
  private static final long ALIGNMENT = 64;

  private final List<Step> steps;
  private final List<RowLoops> groups;
  private final Map<Slot, Life> lives = new LinkedHashMap<>();
  private final Map<Slot, List<Life>> placed = new HashMap<>();

  private MemoryPlan(List<Step> steps) {
    this.steps = steps;
    this.groups = RowLoops.find(steps);
  }

  /** Slots that are one piece of memory, with the first and last step that touch it. */
  private static final class Life {
    final List<Slot> slots = new ArrayList<>();
    int first;
    int last;

    /** The steps during which nothing else may be there: those that run at once count as one. */
    int from;

    int until;

    Life(Slot slot, int step) {
      slots.add(slot);
      first = step;
      last = step;
    }

    boolean overlaps(Life other) {
      return from <= other.until && other.from <= until;
    }

    boolean isTemporary() {
      return slots.getFirst().kind == Slot.Kind.TEMPORARY;
    }

    long offset() {
      return slots.getFirst().offset;
    }

    long end() {
      return offset() + size();
    }

    long size() {
      return Math.ceilDiv(Math.max(1, slots.getFirst().bytes), ALIGNMENT) * ALIGNMENT;
    }

    void place(Slot home, long offset) {
      for (Slot slot : slots) {
        slot.home = home;
        slot.offset = offset;
      }
    }
  }

  /**
   * Sets the place of every temporary and returns the workspace's size in bytes.
   *
   * @param inOutputs whether outputs are aligned as temporaries need it, so may hold them
   */
  static long assign(List<Step> steps, boolean inOutputs) {
    return new MemoryPlan(steps).run(inOutputs);
  }

  private long run(boolean inOutputs) {
    for (int i = 0; i < steps.size(); i++) {
      touch(steps.get(i).reads(), i);
      touch(steps.get(i).writes(), i);
    }
    for (int i = 0; i < steps.size(); i++) {
      switch (steps.get(i)) {
        case Step.Loop loop -> writeInPlace(loop, List.of(), i);
        case Step.Matmul op when op.epilogue() != null ->
            writeInPlace(op.epilogue(), List.of(op.a().view(), op.b().view(), op.c().view()), i);
        case Step.Convolve op when op.epilogue() != null ->
            writeInPlace(op.epilogue(), List.of(op.x(), op.w(), op.y()), i);
        default -> {}
      }
    }
    for (RowLoops group : groups) {
      reuseRows(group);
    }
    List<Life> all = lives.values().stream().distinct().toList();
    all.forEach(this::widen);
    List<Life> outputs =
        inOutputs ? all.stream().filter(life -> !life.isTemporary()).toList() : List.of();
    if (inOutputs) {
      groups.forEach(this::placeRowsInOutputs);
    }
    List<Life> largestFirst =
        new ArrayList<>(
            all.stream().filter(life -> life.isTemporary() && !isPlaced(life)).toList());
    largestFirst.sort(
        Comparator.comparingLong(Life::size)
            .reversed()
            .thenComparingInt(life -> life.first)
            .thenComparingInt(life -> -life.last));
    long size = 0;
    for (Life life : largestFirst) {
      if (!placeInOutput(life, outputs)) {
        place(life, null);
        size = Math.max(size, life.end());
      }
    }
    return size;
  }

  private boolean isPlaced(Life life) {
    return placed.values().stream().anyMatch(there -> there.contains(life));
  }

  /** Loops that run block by block of rows are one step to everything that they do not share. */
  private void widen(Life life) {
    life.from = life.first;
    life.until = life.last;
    for (RowLoops group : groups) {
      life.from = group.contains(life.first) ? group.first() : life.from;
      life.until = group.contains(life.last) ? group.end() - 1 : life.until;
    }
  }

  /** Lets temporaries that end within a group pass their rows on to those that begin later. */
  private void reuseRows(RowLoops group) {
    List<Life> rows = livesOfRows(group);
    for (Life later : List.copyOf(rows)) {
      if (later.isTemporary() && group.contains(later.first)) {
        endedIn(group, rows, later)
            .filter(earlier -> earlier.last < later.first)
            .findFirst()
            .ifPresent(earlier -> {
              join(earlier, later);
              rows.remove(later);
            });
      }
    }
  }

  /** Lets a temporary stand in an output that begins in the same group, row for row. */
  private void placeRowsInOutputs(RowLoops group) {
    List<Life> rows = livesOfRows(group);
    for (Life output : rows) {
      if (!output.isTemporary() && group.contains(output.first)) {
        endedIn(group, rows, output)
            .filter(earlier -> !isPlaced(earlier))
            .filter(earlier -> earlier.last < output.first || mayEndIn(earlier, output))
            .findFirst()
            .ifPresent(earlier -> placeAt(earlier, output.slots.getFirst(), 0));
      }
    }
  }

  /** Returns what begins or ends in the group and is its rows, the earliest first. */
  private List<Life> livesOfRows(RowLoops group) {
    List<Life> rows =
        new ArrayList<>(
            lives.values().stream()
                .distinct()
                .filter(life -> group.contains(life.first) || group.contains(life.last))
                .filter(life -> life.slots.stream().allMatch(group::areRowsOf))
                .toList());
    rows.sort(Comparator.comparingInt(life -> life.first));
    return rows;
  }

  /** Returns the temporaries that end in the group and have the size of a later life. */
  private static Stream<Life> endedIn(RowLoops group, List<Life> rows, Life later) {
    return rows.stream()
        .filter(life -> life != later && life.isTemporary() && group.contains(life.last))
        .filter(life -> life.slots.getFirst().bytes == later.slots.getFirst().bytes);
  }

  /** Returns whether the step that reads a value for the last time may write the output over it. */
  private boolean mayEndIn(Life earlier, Life output) {
    Step.Loop loop = (Step.Loop) steps.get(output.first);
    return earlier.last == output.first
        && loop.results().stream()
            .filter(result -> result.reduce() == 0 && lives.get(result.to().slot()) == output)
            .anyMatch(result -> mayReplaceSome(loop, earlier, result.to()));
  }

  private boolean mayReplaceSome(Step.Loop loop, Life earlier, View to) {
    for (int i = 0; i < loop.inputs().size(); i++) {
      if (lives.get(loop.inputs().get(i).slot()) == earlier && mayReplace(loop, i, to)) {
        return true;
      }
    }
    return false;
  }

  private void touch(List<View> views, int step) {
    for (View view : views) {
      Slot.Kind kind = view.slot().kind;
      if (kind == Slot.Kind.TEMPORARY || kind == Slot.Kind.OUTPUT) {
        lives.computeIfAbsent(view.slot(), slot -> new Life(slot, step)).last = step;
      }
    }
  }

  /**
   * Lets results of a loop take the places of temporaries that nothing reads after it.
   *
   * @param kept what the loop's step reads or writes elsewhere than the loop does
   */
  private void writeInPlace(Step.Loop loop, List<View> kept, int step) {
    for (Step.Result result : loop.results()) {
      Life written = lives.get(result.to().slot());
      if (result.reduce() != 0 || written == null || written.first != step) {
        continue;
      }
      for (int i = 0; i < loop.inputs().size(); i++) {
        Life read = lives.get(loop.inputs().get(i).slot());
        if (read != null
            && read != written
            && read.isTemporary()
            && written.isTemporary()
            && read.last == step
            && kept.stream()
                .map(view -> lives.get(view.slot()))
                .noneMatch(k -> k == read || k == written)
            && mayReplace(loop, i, result.to())) {
          join(read, written);
          break;
        }
      }
    }
  }

  /**
   * Returns whether a result may be written over an input: both are all of their slots, walked
   * alike, and no other value of the loop reads that memory or is the input itself.
   */
  private static boolean mayReplace(Step.Loop loop, int input, View to) {
    View from = loop.inputs().get(input);
    boolean alike =
        from.slot().bytes == to.slot().bytes
            && from.dtype().bytes() == to.dtype().bytes()
            && from.distinctBytes() == from.slot().bytes
            && to.distinctBytes() == to.slot().bytes
            && to.sameAs(
                new View(to.slot(), to.dtype(), from.shape(), from.offset(), from.strides()));
    long readers = loop.inputs().stream().filter(other -> other.slot() == from.slot()).count();
    return alike
        && readers == 1
        && loop.results().stream().noneMatch(result -> result.value() == input);
  }

  private void join(Life earlier, Life later) {
    earlier.slots.addAll(later.slots);
    earlier.last = later.last;
    for (Slot slot : later.slots) {
      lives.put(slot, earlier);
    }
  }

  private boolean placeInOutput(Life life, List<Life> outputs) {
    for (Life output : outputs) {
      Slot home = output.slots.getFirst();
      if (life.until < output.from
          && lowestFree(life, placed.getOrDefault(home, List.of())) + life.slots.getFirst().bytes
              <= home.bytes) {
        place(life, home);
        return true;
      }
    }
    return false;
  }

  private void place(Life life, Slot home) {
    placeAt(life, home, lowestFree(life, placed.getOrDefault(home, List.of())));
  }

  private void placeAt(Life life, Slot home, long offset) {
    life.place(home, offset);
    placed.computeIfAbsent(home, _ -> new ArrayList<>()).add(life);
  }

  private static long lowestFree(Life life, List<Life> placed) {
    List<Life> neighbours =
        placed.stream()
            .filter(life::overlaps)
            .sorted(Comparator.comparingLong(Life::offset))
            .toList();
    long offset = 0;
    for (Life neighbour : neighbours) {
      if (offset + life.size() <= neighbour.offset()) {
        break;
      }
      offset = Math.max(offset, neighbour.end());
    }
    return offset;
  }
}
