package dev.lockstep.tensor;

import dev.lockstep.error.IndexException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.program.primitive.Indexing.Bounds;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Iota;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The methods of {@link Tensor} that read and write at computed places. */
final class IndexingOps {
  private IndexingOps() {}

  static Tensor get(Tensor x, Index... indices) {
    return new Selection("get", x, indices).read();
  }

  static Tensor gather(Tensor x, Tensor... indices) {
    if (indices.length == 0) {
      throw new IndexException("gather: expected at least one index tensor, got none");
    }
    return new Selection("gather", x, of(indices)).read();
  }

  private static Index[] of(Tensor... indices) {
    return Arrays.stream(indices).map(Index::of).toArray(Index[]::new);
  }

  static Tensor take(String op, Tensor x, Tensor indices, int axis) {
    int along = RunningOps.axis(op, x, axis);
    boolean negative = IndexBounds.check(op, x, along, indices);
    long extent = x.shape().extent(along);
    return Trace.staged(() -> {
      Tensor counted = negative ? IndexBounds.fromStart(indices, extent) : indices;
      Tensor grouped = gather(x, List.of(along), List.of(counted));
      return groupTo(along, indices.rank(), x.rank() - 1, grouped);
    });
  }

  static Tensor takeAlongAxis(Tensor x, Tensor indices, int axis) {
    int along = RunningOps.axis("takeAlongAxis", x, axis);
    if (indices.rank() != x.rank()) {
      throw new ShapeException(
          "takeAlongAxis: expected indices of rank %d, as %s, got %s"
              .formatted(x.rank(), x.type(), indices.type()));
    }
    boolean negative = IndexBounds.check("takeAlongAxis", x, along, indices);
    long extent = x.shape().extent(along);
    Shape others = othersOf(x, indices, along);
    return Trace.staged(() -> {
      Tensor counted = negative ? IndexBounds.fromStart(indices, extent) : indices;
      Tensor rows = rows(x, along, others);
      Tensor places = rows(counted, along, others);
      Indexing.Gather read = new Indexing.Gather(others.rank(), 1, Bounds.CLAMP);
      return Trace.bind(read, rows, places).moveAxis(-1, along);
    });
  }

  private static Shape othersOf(Tensor x, Tensor indices, int axis) {
    long[] extents = x.shape().remove(axis).extents();
    Shape places = indices.shape().remove(axis);
    for (int i = 0; i < extents.length; i++) {
      long other = places.extent(i);
      if (extents[i] != other && extents[i] != 1 && other != 1) {
        throw new ShapeException(
            "takeAlongAxis: %s and the indices %s must have equal extents but on axis %d"
                .formatted(x.type(), indices.type(), axis));
      }
      extents[i] = extents[i] == 1 ? other : extents[i];
    }
    return Shape.of(extents);
  }

  private static Tensor rows(Tensor x, int axis, Shape others) {
    long extent = x.shape().extent(axis);
    return Broadcasting.to(x.moveAxis(axis, -1), others.insert(others.rank(), extent));
  }

  /** Reads along these axes; the result has the indices' axes first. */
  static Tensor gather(Tensor x, List<Integer> axes, List<Tensor> indices) {
    List<Tensor> operands = new ArrayList<>(List.of(ShapeOps.permute(x, first(axes, x.rank()))));
    operands.addAll(indices);
    return Trace.bind(
        new Indexing.Gather(0, axes.size(), Bounds.CLAMP), operands.toArray(Tensor[]::new));
  }

  /** Returns these axes, then the others. */
  static List<Integer> first(List<Integer> axes, int rank) {
    List<Integer> order = new ArrayList<>(axes);
    for (int axis = 0; axis < rank; axis++) {
      if (!axes.contains(axis)) {
        order.add(axis);
      }
    }
    return order;
  }

  /** Moves the first {@code group} axes behind the first {@code at} of the {@code others}. */
  static Tensor groupTo(int at, int group, int others, Tensor x) {
    List<Integer> order = new ArrayList<>();
    for (int axis = 0; axis < others; axis++) {
      order.add(group + axis);
    }
    for (int axis = 0; axis < group; axis++) {
      order.add(at + axis, axis);
    }
    return ShapeOps.permute(x, order);
  }

  static Tensor dynamicSlice(Tensor x, Tensor starts, long[] sizes) {
    requireStarts("dynamicSlice", x, starts, Shape.of("dynamicSlice", sizes));
    return Trace.staged(() -> {
      List<Integer> axes = partial(x, sizes);
      if (axes.isEmpty()) {
        return x;
      }
      Tensor grouped = gather(x, axes, blocks(x, starts, sizes, axes));
      return ShapeOps.permute(grouped, inverse(first(axes, x.rank())));
    });
  }

  static Tensor dynamicUpdateSlice(Tensor x, Tensor update, Tensor starts) {
    requireStarts("dynamicUpdateSlice", x, starts, update.shape());
    Tensor same = UpdateOps.inDType("dynamicUpdateSlice", x, update);
    long[] sizes = update.shape().extents();
    return Trace.staged(() -> {
      List<Integer> axes = partial(x, sizes);
      Tensor values = ElementwiseOps.convert(same, x.dtype());
      if (axes.isEmpty()) {
        return values;
      }
      Tensor grouped = ShapeOps.permute(values, first(axes, x.rank()));
      return UpdateOps.scatter(
          Indexing.Scatter.Mode.SET, x, axes, blocks(x, starts, sizes, axes), grouped);
    });
  }

  private static void requireStarts(String op, Tensor x, Tensor starts, Shape sizes) {
    IndexBounds.requireIntegers(op, starts);
    boolean fits = sizes.rank() == x.rank() && starts.shape().equals(Shape.of(x.rank()));
    for (int axis = 0; fits && axis < x.rank(); axis++) {
      fits = sizes.extent(axis) <= x.shape().extent(axis);
    }
    if (!fits) {
      throw new ShapeException(
          "%s: expected starts i32[%d] and sizes that fit %s, got starts %s and sizes %s"
              .formatted(op, x.rank(), x.type(), starts.type(), sizes));
    }
  }

  /** Returns the axes of which the block is a part only; on the others it can start at 0 only. */
  private static List<Integer> partial(Tensor x, long[] sizes) {
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < sizes.length; axis++) {
      if (sizes[axis] != x.shape().extent(axis)) {
        axes.add(axis);
      }
    }
    return axes;
  }

  /**
   * Returns for each axis the indices of a block. Negative starts count from the end; then each is
   * moved so that the block lies inside.
   */
  private static List<Tensor> blocks(Tensor x, Tensor starts, long[] sizes, List<Integer> axes) {
    Shape shape = Shape.of(axes.stream().mapToLong(axis -> sizes[axis]).toArray());
    List<Tensor> indices = new ArrayList<>();
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i);
      Tensor start = starts.slice(new long[] {axis}, new long[] {axis + 1}).reshape();
      Tensor counted = IndexBounds.fromStart(start, x.shape().extent(axis));
      TensorType scalar = counted.type();
      Tensor last = Trace.bind(new Full(scalar, x.shape().extent(axis) - sizes[axis]));
      Tensor inside = counted.maximum(Trace.bind(new Full(scalar, 0))).minimum(last);
      indices.add(Trace.bind(new Iota(new TensorType(scalar.dtype(), shape), i)).add(inside));
    }
    return indices;
  }

  /** Returns the permutation that undoes one. */
  static List<Integer> inverse(List<Integer> order) {
    Integer[] inverse = new Integer[order.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[order.get(i)] = i;
    }
    return Arrays.asList(inverse);
  }

  static Tensor dynamicSliceAlong(Tensor x, Tensor start, long size, int axis) {
    int along = RunningOps.axis("dynamicSliceAlong", x, axis);
    if (start.rank() != 0 || size < 0 || size > x.shape().extent(along)) {
      throw new ShapeException(
          "dynamicSliceAlong: expected a scalar start and a size of 0 to %d for axis %d of %s, got"
                  .formatted(x.shape().extent(along), along, x.type())
              + " start %s and size %d".formatted(start.type(), size));
    }
    IndexBounds.requireIntegers("dynamicSliceAlong", start);
    long[] sizes = x.shape().extents();
    sizes[along] = size;
    return Trace.staged(() -> dynamicSlice(x, onAxis(start, along, x.rank()), sizes));
  }

  private static Tensor onAxis(Tensor start, int axis, int rank) {
    Tensor[] starts = new Tensor[rank];
    Arrays.fill(starts, Trace.bind(new Full(start.type(), 0)));
    starts[axis] = start;
    return Tensor.stack(0, starts);
  }

  static Tensor oneHot(Tensor indices, long count, DType dtype, int axis) {
    IndexBounds.requireIntegers("oneHot", indices);
    if (count < 0) {
      throw new ShapeException("oneHot: expected a count of at least 0, got " + count);
    }
    int along = ShapeOps.axisOfResult("oneHot", indices, axis, indices.rank() + 1);
    TensorType type = indices.type().with(indices.shape().insert(along, count));
    return Trace.staged(
        () -> indices.expandDims(along).equal(Trace.bind(new Iota(type, along))).cast(dtype));
  }
}
