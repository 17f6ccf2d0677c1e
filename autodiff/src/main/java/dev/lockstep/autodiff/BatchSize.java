package dev.lockstep.autodiff;

import dev.lockstep.Axes;
import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Finds the number of examples of a batch, and explains what to do if the arguments disagree. */
final class BatchSize {
  private BatchSize() {}

  /**
   * @param axes the mapped axis of each leaf, or {@link Batch#NONE}
   */
  static long of(Axes.In in, Call call, List<Integer> axes) {
    long size = in.size();
    boolean agree = true;
    for (int i = 0; i < axes.size(); i++) {
      if (axes.get(i) != Batch.NONE) {
        long extent = extent(call, axes, i);
        agree &= size < 0 || size == extent;
        size = extent;
      }
    }
    if (!agree) {
      throw new ShapeException(Call.located("%s", disagreement(in, call, axes)));
    }
    if (size < 0) {
      throw new AxisException(
          Call.located(
              "vmap: at least one argument must be mapped to know the number of examples, got %s;"
                  + " map one, or say how many: %s.size(8)",
              in, in));
    }
    return size;
  }

  private static long extent(Call call, List<Integer> axes, int leaf) {
    return call.leaves().get(leaf).shape().extent(axes.get(leaf));
  }

  /** Returns {@code argument 0: f32[B=64, 100], argument 1: f32[B=64]}: all that is mapped. */
  static String mapped(Call call, List<Integer> axes) {
    StringJoiner mapped = new StringJoiner(", ");
    for (int i = 0; i < call.leaves().size(); i++) {
      if (axes.get(i) != Batch.NONE) {
        mapped.add(
            call.structure().path(i) + ": " + marked(call.leaves().get(i).type(), axes.get(i)));
      }
    }
    return mapped.toString();
  }

  private static String disagreement(Axes.In in, Call call, List<Integer> axes) {
    String mapped = mapped(call, axes);
    if (in.size() >= 0) {
      return "vmap: mapped axes must have the size %d that %s says, got %s"
          .formatted(in.size(), in, mapped);
    }
    return "vmap: mapped axes must have one size, got %s; %s".formatted(mapped, fix(call, axes));
  }

  /** Returns {@code f32[B=64, 100]}. */
  static String marked(TensorType type, int axis) {
    Shape shape = type.shape();
    StringJoiner text = new StringJoiner(", ", type.dtype() + "[", "]");
    for (int i = 0; i < shape.rank(); i++) {
      text.add((i == axis ? "B=" : "") + shape.extent(i));
    }
    return text.toString();
  }

  private static String fix(Call call, List<Integer> axes) {
    long size = mostCommon(call, axes);
    StringJoiner entries = new StringJoiner(", ", "vmap(f, in(", "))");
    boolean moved = false;
    int start = 0;
    for (Tree.Structure argument : call.structure().children()) {
      int other = otherAxis(call, axes, argument, start, size);
      moved |= other >= 0;
      entries.add(other >= 0 ? String.valueOf(other) : entry(call, axes, argument, start, size));
      start += argument.leafCount();
    }
    return moved
        ? "map the axis of size %d: %s".formatted(size, entries)
        : "what is the same for all examples is not mapped: " + entries;
  }

  /** Returns the axis that has the size, of an argument whose mapped axis has not; else -1. */
  private static int otherAxis(
      Call call, List<Integer> axes, Tree.Structure argument, int leaf, long size) {
    if (!argument.isLeaf() || axes.get(leaf) == Batch.NONE || extent(call, axes, leaf) == size) {
      return -1;
    }
    Shape shape = call.leaves().get(leaf).shape();
    for (int i = 0; i < shape.rank(); i++) {
      if (shape.extent(i) == size) {
        return i;
      }
    }
    return -1;
  }

  /** Returns the entry that maps only what has the size. */
  private static String entry(
      Call call, List<Integer> axes, Tree.Structure part, int start, long size) {
    List<Integer> mapped = mappedLeaves(axes, start, start + part.leafCount());
    long fitting = mapped.stream().filter(leaf -> extent(call, axes, leaf) == size).count();
    if (fitting == 0) {
      return "NONE";
    }
    if (fitting == mapped.size()) {
      return String.valueOf(axes.get(mapped.getFirst()));
    }
    StringJoiner entries = new StringJoiner(", ", "List.of(", ")");
    int leaf = start;
    for (Tree.Structure child : part.children()) {
      entries.add(entry(call, axes, child, leaf, size));
      leaf += child.leafCount();
    }
    return entries.toString();
  }

  private static List<Integer> mappedLeaves(List<Integer> axes, int start, int end) {
    List<Integer> mapped = new ArrayList<>();
    for (int i = start; i < end; i++) {
      if (axes.get(i) != Batch.NONE) {
        mapped.add(i);
      }
    }
    return mapped;
  }

  /**
   * Returns the size that most leaves have; of equally many, the last one: data follow parameters.
   */
  private static long mostCommon(Call call, List<Integer> axes) {
    Map<Long, Integer> counts = new TreeMap<>();
    long best = -1;
    for (int i = 0; i < axes.size(); i++) {
      if (axes.get(i) != Batch.NONE) {
        counts.merge(extent(call, axes, i), 1, Integer::sum);
      }
    }
    for (int i = 0; i < axes.size(); i++) {
      if (axes.get(i) != Batch.NONE) {
        long extent = extent(call, axes, i);
        best = best < 0 || counts.get(extent) >= counts.get(best) ? extent : best;
      }
    }
    return best;
  }
}
