package dev.lockstep.tensor;

import dev.lockstep.error.IndexException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Iota;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * An index list laid out over the axes of a tensor. What it selects has three groups of axes: the
 * index tensors' common shape (the group), one axis for each range and new axis, and the axes that
 * are taken whole. In the result the group stands before the axes from {@link #groupEntry} on.
 */
final class Selection {
  /** One entry: what it takes, and the axis it takes it of, -1 for a new axis. */
  private record Entry(Index index, int axis) {}

  private final String op;
  private final Tensor x;
  private final List<Entry> entries = new ArrayList<>();

  /** Whether negative indices may occur in the tensor of an entry. */
  private final boolean[] mayBeNegative;

  private final Shape group;
  private final boolean hasTensors;

  Selection(String op, Tensor x, Index... indices) {
    this.op = op;
    this.x = x;
    layOut(indices);
    this.mayBeNegative = new boolean[entries.size()];
    Tensor[] tensors = tensors();
    this.hasTensors = tensors.length > 0;
    check();
    this.group = hasTensors ? Broadcasting.shape(op, tensors) : Shape.of();
  }

  private void layOut(Index... indices) {
    int named = 0;
    int ellipses = 0;
    for (Index index : indices) {
      Objects.requireNonNull(index, "index");
      ellipses += index instanceof IndexEntry.Ellipsis ? 1 : 0;
      named += index instanceof IndexEntry.Ellipsis || index instanceof IndexEntry.NewAxis ? 0 : 1;
    }
    if (named > x.rank() || ellipses > 1) {
      throw new IndexException(
          "%s: %d indices and %d ellipses do not fit the %d axes of %s"
              .formatted(op, named, ellipses, x.rank(), x.type()));
    }
    int axis = 0;
    for (Index index : indices) {
      switch (index) {
        case IndexEntry.Ellipsis() -> axis = whole(axis, x.rank() - named);
        case IndexEntry.NewAxis() -> entries.add(new Entry(index, -1));
        case IndexEntry.Range range -> entries.add(new Entry(ranged(range, axis), axis++));
        case IndexEntry.At(long position) -> {
          long extent = x.shape().extent(axis);
          if (position < -extent || position >= extent) {
            throw IndexBounds.outOfRange(
                op, "axis %d of %s".formatted(axis, x.type()), -extent, extent, position);
          }
          long counted = position < 0 ? position + extent : position;
          entries.add(new Entry(new IndexEntry.At(counted), axis++));
        }
        case IndexEntry.All _, IndexEntry.Of _ -> entries.add(new Entry(index, axis++));
      }
    }
    whole(axis, x.rank() - axis);
  }

  private int whole(int axis, int count) {
    for (int i = 0; i < count; i++) {
      entries.add(new Entry(new IndexEntry.All(), axis + i));
    }
    return axis + count;
  }

  private Index ranged(IndexEntry.Range range, int axis) {
    long extent = x.shape().extent(axis);
    return range.on(extent).isWhole(extent) ? new IndexEntry.All() : range;
  }

  private void check() {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).index instanceof IndexEntry.Of(Tensor positions)) {
        mayBeNegative[i] = IndexBounds.check(op, x, entries.get(i).axis, positions);
      }
    }
  }

  private Tensor[] tensors() {
    return entries.stream()
        .map(Entry::index)
        .filter(IndexEntry.Of.class::isInstance)
        .map(index -> ((IndexEntry.Of) index).positions())
        .toArray(Tensor[]::new);
  }

  /** Returns the entry before which the group's axes stand in the result, as in NumPy. */
  private int groupEntry() {
    if (!hasTensors) {
      return 0;
    }
    int first = -1;
    int last = -1;
    int grouped = 0;
    for (int i = 0; i < entries.size(); i++) {
      if (isGrouped(entries.get(i))) {
        first = first < 0 ? i : first;
        last = i;
        grouped++;
      }
    }
    boolean adjacent = last - first + 1 == grouped;
    return adjacent ? first : 0;
  }

  private static boolean isGrouped(Entry entry) {
    return entry.index instanceof IndexEntry.At || entry.index instanceof IndexEntry.Of;
  }

  private IndexEntry.Positions positions(Entry entry) {
    long extent = x.shape().extent(entry.axis);
    return switch (entry.index) {
      case IndexEntry.At(long position) -> new IndexEntry.Positions(position, 1, 1);
      case IndexEntry.Range range -> range.on(extent);
      default -> new IndexEntry.Positions(0, extent, 1);
    };
  }

  /** Reads: slices what is static, then gathers along the axes of the index tensors. */
  Tensor read() {
    return Trace.staged(() -> {
      List<Long> extents = new ArrayList<>();
      List<Integer> gathered = new ArrayList<>();
      List<Tensor> indices = new ArrayList<>();
      for (int i = 0; i < entries.size(); i++) {
        Entry entry = entries.get(i);
        if (entry.index instanceof IndexEntry.At) {
          continue;
        }
        if (entry.index instanceof IndexEntry.Of) {
          gathered.add(extents.size());
          indices.add(Broadcasting.to(index(i), group));
        }
        extents.add(entry.axis < 0 ? 1 : positions(entry).count());
      }
      long[] shape = extents.stream().mapToLong(extent -> extent).toArray();
      Tensor sliced = sliced().reshape(shape);
      if (!hasTensors) {
        return sliced;
      }
      Tensor grouped = IndexingOps.gather(sliced, gathered, indices);
      int others = shape.length - gathered.size();
      return IndexingOps.groupTo(others(groupEntry()), group.rank(), others, grouped);
    });
  }

  private Tensor sliced() {
    int rank = x.rank();
    long[] start = new long[rank];
    long[] limit = x.shape().extents();
    long[] stride = ShapeOps.ones(rank);
    List<Integer> backwards = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.axis >= 0) {
        IndexEntry.Positions positions = positions(entry);
        start[entry.axis] = positions.lowest();
        limit[entry.axis] = positions.limit();
        stride[entry.axis] = Math.abs(positions.step());
        if (positions.step() < 0) {
          backwards.add(entry.axis);
        }
      }
    }
    boolean whole =
        Arrays.equals(limit, x.shape().extents()) && Arrays.stream(start).allMatch(s -> s == 0);
    boolean dense = Arrays.stream(stride).allMatch(s -> s == 1);
    Tensor slice = whole && dense ? x : x.slice(start, limit, stride);
    return backwards.isEmpty()
        ? slice
        : slice.flip(backwards.stream().mapToInt(axis -> axis).toArray());
  }

  private Tensor index(int entry) {
    Tensor positions = ((IndexEntry.Of) entries.get(entry).index).positions();
    long extent = x.shape().extent(entries.get(entry).axis);
    return mayBeNegative[entry] ? IndexBounds.fromStart(positions, extent) : positions;
  }

  /** What a scatter needs to write updates to the selected places. */
  record Places(List<Integer> axes, List<Tensor> indices, Tensor updates) {}

  /** Returns the shape that is selected. */
  Shape shape() {
    List<Long> extents = new ArrayList<>();
    for (Entry entry : entries) {
      if (!isGrouped(entry)) {
        extents.add(entry.axis < 0 ? 1 : positions(entry).count());
      }
    }
    int at = others(groupEntry());
    for (int axis = 0; axis < group.rank(); axis++) {
      extents.add(at + axis, group.extent(axis));
    }
    return Shape.of(extents.stream().mapToLong(extent -> extent).toArray());
  }

  /** Returns how many of the first entries have an axis of their own in the result. */
  private int others(int first) {
    return (int) entries.subList(0, first).stream().filter(entry -> !isGrouped(entry)).count();
  }

  /** Returns indices of one shape, the group's axes then the ranges', for each axis not whole. */
  Places places(Tensor values) {
    List<Integer> axes = new ArrayList<>();
    List<Long> ranges = new ArrayList<>();
    List<Integer> rangeAxes = new ArrayList<>();
    List<Integer> newAxes = new ArrayList<>();
    List<Integer> windowAxes = new ArrayList<>();
    int at = others(groupEntry());
    int other = 0;
    for (Entry entry : entries) {
      if (entry.axis >= 0 && !(entry.index instanceof IndexEntry.All)) {
        axes.add(entry.axis);
      }
      if (isGrouped(entry)) {
        continue;
      }
      int axis = other < at ? other : other + group.rank();
      other++;
      switch (entry.index) {
        case IndexEntry.Range _ -> {
          rangeAxes.add(axis);
          ranges.add(positions(entry).count());
        }
        case IndexEntry.NewAxis _ -> newAxes.add(axis);
        default -> windowAxes.add(axis);
      }
    }
    Shape indexShape = group;
    for (long count : ranges) {
      indexShape = indexShape.insert(indexShape.rank(), count);
    }
    List<Integer> order = new ArrayList<>();
    for (int axis = 0; axis < group.rank(); axis++) {
      order.add(at + axis);
    }
    order.addAll(rangeAxes);
    order.addAll(windowAxes);
    order.addAll(newAxes);
    Tensor whole = ShapeOps.permute(broadcast(values), order);
    long[] extents = Arrays.copyOf(whole.shape().extents(), whole.rank() - newAxes.size());
    return new Places(axes, indices(indexShape), whole.reshape(extents));
  }

  private Tensor broadcast(Tensor values) {
    Shape shape = shape();
    try {
      return values.broadcastTo(shape.extents());
    } catch (ShapeException e) {
      throw new ShapeException(
          "%s: values %s do not broadcast to %s, which is selected of %s"
              .formatted(op, values.type(), shape, x.type()),
          e);
    }
  }

  private List<Tensor> indices(Shape shape) {
    List<Tensor> indices = new ArrayList<>();
    int range = group.rank();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      switch (entry.index) {
        case IndexEntry.Of _ -> {
          long[] extents = Arrays.copyOf(group.extents(), shape.rank());
          Arrays.fill(extents, group.rank(), shape.rank(), 1);
          Tensor aligned = Broadcasting.to(index(i), group).reshape(extents);
          indices.add(Broadcasting.to(aligned, shape));
        }
        case IndexEntry.At(long position) ->
            indices.add(Trace.bind(new Full(new TensorType(DType.I64, shape), position)));
        case IndexEntry.Range _ ->
            indices.add(along(positions(entry), new TensorType(DType.I64, shape), range++));
        default -> {}
      }
    }
    return indices;
  }

  private static Tensor along(IndexEntry.Positions positions, TensorType type, int axis) {
    Tensor count = Trace.bind(new Iota(type, axis));
    Tensor step = Trace.bind(new Full(type, positions.step()));
    return count.mul(step).add(Trace.bind(new Full(type, positions.start())));
  }
}
