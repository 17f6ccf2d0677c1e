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

  private static String disagreement(Axes.In in, Call call, List<Integer> axes) {
    StringJoiner mapped = new StringJoiner(", ");
    for (int i = 0; i < axes.size(); i++) {
      if (axes.get(i) != Batch.NONE) {
        mapped.add(
            call.structure().path(i) + ": " + marked(call.leaves().get(i).type(), axes.get(i)));
      }
    }
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
    List<String> entries = new ArrayList<>();
    boolean moved = false;
    int start = 0;
    for (Tree.Structure argument : call.structure().children()) {
      int end = start + argument.leafCount();
      List<Integer> mapped = mappedLeaves(axes, start, end);
      long fitting = mapped.stream().filter(i -> extent(call, axes, i) == size).count();
      if (mapped.isEmpty()) {
        entries.add("NONE");
      } else if (fitting == mapped.size()) {
        entries.add(String.valueOf(axes.get(mapped.getFirst())));
      } else if (fitting > 0) {
        return "give the parts of an argument entries of their own, as in(axis(\"w\", 0), 0)";
      } else {
        int other = argument.isLeaf() ? axisOf(call.leaves().get(start).shape(), size) : -1;
        moved |= other >= 0;
        entries.add(other >= 0 ? String.valueOf(other) : "NONE");
      }
      start = end;
    }
    String code = "vmap(f, in(%s))".formatted(String.join(", ", entries));
    return moved
        ? "map the axis of size %d: %s".formatted(size, code)
        : "an argument that is the same for all examples is not mapped: " + code;
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

  private static int axisOf(Shape shape, long size) {
    for (int i = 0; i < shape.rank(); i++) {
      if (shape.extent(i) == size) {
        return i;
      }
    }
    return -1;
  }
}
