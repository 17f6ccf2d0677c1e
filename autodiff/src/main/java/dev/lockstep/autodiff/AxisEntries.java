package dev.lockstep.autodiff;

import dev.lockstep.Axes;
import dev.lockstep.error.AxisException;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the axis of each tensor of a tree from entries that stand for whole parts of the tree: an
 * int for all tensors of a part, lists, maps and records for its parts.
 */
final class AxisEntries {
  private static final int UNMAPPED = Integer.MIN_VALUE;

  private final String where;
  private final List<Integer> axes = new ArrayList<>();

  private AxisEntries(String where) {
    this.where = where;
  }

  /** Returns the axis of each leaf of the arguments, counted from 0, or {@link Batch#NONE}. */
  static List<Integer> ofArguments(Axes.In in, Call call) {
    AxisEntries entries = new AxisEntries("in");
    for (int i = 0; i < in.arguments().size(); i++) {
      entries.collect(in.arguments().get(i), call.structure().children().get(i), "argument " + i);
    }
    List<Integer> axes = entries.axes;
    for (int i = 0; i < axes.size(); i++) {
      Tensor leaf = call.leaves().get(i);
      axes.set(i, fromStart(axes.get(i), leaf.rank(), call.structure().path(i), leaf.type()));
    }
    return axes;
  }

  /** Returns the batch's axis in each leaf of the result, counted from 0, or {@link Batch#NONE}. */
  static List<Integer> ofResult(Axes.Out out, TracedCall traced, long size) {
    AxisEntries entries = new AxisEntries("out");
    entries.collect(out.result(), traced.output(), "the result");
    List<Integer> axes = entries.axes;
    for (int i = 0; i < axes.size(); i++) {
      TensorType example = traced.result().leaves().get(i).type();
      int axis = axes.get(i);
      int rank = example.shape().rank() + 1;
      if (axis != UNMAPPED && (axis < -rank || axis >= rank)) {
        throw new AxisException(
            Call.located(
                "vmap: out axis %d is out of range for a batch of %d of %s, which has rank %d; use"
                    + " %d to %d",
                axis, size, traced.describe(i), rank, -rank, rank - 1));
      }
      axes.set(i, axis == UNMAPPED ? Batch.NONE : axis < 0 ? axis + rank : axis);
    }
    return axes;
  }

  private static int fromStart(int axis, int rank, String path, TensorType type) {
    if (axis == UNMAPPED) {
      return Batch.NONE;
    }
    if (axis < -rank || axis >= rank) {
      throw new AxisException(
          Call.located(
              "vmap: axis %d is out of range for %s: %s of rank %d; %s",
              axis,
              path,
              type,
              rank,
              rank == 0
                  ? "a scalar cannot be mapped, use NONE"
                  : "use %d to %d, or NONE".formatted(-rank, rank - 1)));
    }
    return axis < 0 ? axis + rank : axis;
  }

  private void collect(Object entry, Tree.Structure structure, String path) {
    switch (entry) {
      case Integer axis -> fill(axis, structure);
      case Axes.None _ -> fill(UNMAPPED, structure);
      case Axes.Named named -> byName(named.components(), entry, structure, path);
      case Map<?, ?> map -> byName(map, entry, structure, path);
      case List<?> list -> byPosition(list, entry, structure, path);
      case Object[] array -> byPosition(Arrays.asList(array), entry, structure, path);
      case Record record -> byName(components(record), entry, structure, path);
      case null, default ->
          throw new AxisException(
              Call.located(
                  "vmap: an entry of %s must be an int, NONE, axis(name, entry), or a list, map or"
                      + " record of entries, got %s for %s",
                  where, entry, path));
    }
  }

  private void fill(int axis, Tree.Structure structure) {
    for (int i = 0; i < structure.leafCount(); i++) {
      axes.add(axis);
    }
  }

  private void byPosition(List<?> list, Object entry, Tree.Structure structure, String path) {
    int count = structure.children().size();
    if (structure.isLeaf() || list.size() != count) {
      throw unlike(entry, structure, path, "has length %d".formatted(list.size()));
    }
    for (int i = 0; i < count; i++) {
      collect(list.get(i), structure.children().get(i), path + ", " + structure.childName(i));
    }
  }

  private void byName(Map<?, ?> names, Object entry, Tree.Structure structure, String path) {
    Map<Object, Object> left = new LinkedHashMap<>(names);
    for (int i = 0; i < structure.children().size(); i++) {
      String child = structure.childName(i);
      Object found = Axes.None.NONE;
      for (Object name : names.keySet()) {
        if (child.equals("component " + name) || child.equals("key " + name)) {
          found = names.get(name);
          left.remove(name);
        }
      }
      collect(found, structure.children().get(i), path + ", " + child);
    }
    if (!left.isEmpty()) {
      throw unlike(entry, structure, path, "names " + left.keySet());
    }
  }

  private static Map<String, Object> components(Record record) {
    Map<String, Object> entries = new LinkedHashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        entries.put(component.getName(), component.getAccessor().invoke(record));
      } catch (ReflectiveOperationException | InaccessibleObjectException e) {
        throw new AxisException(
            "vmap: component %s of the entry %s cannot be read; use axis(\"%s\", …) instead"
                .formatted(component.getName(), record, component.getName()),
            e);
      }
    }
    return entries;
  }

  private AxisException unlike(
      Object entry, Tree.Structure structure, String path, String difference) {
    return new AxisException(
        Call.located(
            "vmap: an entry of %s must have the form of its part of the tree: %s is %s, its entry"
                + " %s %s",
            where, path, structure.isLeaf() ? "a tensor" : structure, print(entry), difference));
  }

  private static String print(Object entry) {
    return entry instanceof Object[] array ? Arrays.toString(array) : String.valueOf(entry);
  }
}
