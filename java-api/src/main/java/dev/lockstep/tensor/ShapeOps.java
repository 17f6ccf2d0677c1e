package dev.lockstep.tensor;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.Concatenate;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Iota;
import dev.lockstep.program.primitive.Structural.Pad;
import dev.lockstep.program.primitive.Structural.Reshape;
import dev.lockstep.program.primitive.Structural.Reverse;
import dev.lockstep.program.primitive.Structural.Slice;
import dev.lockstep.program.primitive.Structural.Transpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** The methods of {@link Tensor} that move elements: they check, then bind. */
final class ShapeOps {
  private ShapeOps() {}

  static Tensor reshape(Tensor x, long... extents) {
    return to(x, inferred(x, extents));
  }

  static Tensor flatten(Tensor x) {
    return to(x, Shape.of(x.size()));
  }

  static Tensor squeeze(Tensor x, int... axes) {
    Shape shape = x.shape();
    List<Integer> chosen =
        axes.length > 0 ? ReductionOps.axes("squeeze", x, axes) : unitAxes(shape);
    for (int axis : chosen.reversed()) {
      if (shape.extent(axis) != 1) {
        throw new ShapeException(
            "squeeze: axis %d of %s has extent %d, not 1"
                .formatted(axis, x.type(), shape.extent(axis)));
      }
      shape = shape.remove(axis);
    }
    return to(x, shape);
  }

  static Tensor expandDims(Tensor x, int... axes) {
    int rank = x.rank() + axes.length;
    TreeSet<Integer> chosen = new TreeSet<>();
    for (int axis : axes) {
      if (!chosen.add(axisOfResult("expandDims", x, axis, rank))) {
        throw new AxisException(
            "expandDims: axis %d is given twice, for %s".formatted(axis, x.type()));
      }
    }
    Shape shape = x.shape();
    for (int axis : chosen) {
      shape = shape.insert(axis, 1);
    }
    return to(x, shape);
  }

  /** Returns an axis of a result that has more of them than x, counted from 0. */
  static int axisOfResult(String op, Tensor x, int axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw new AxisException(
          "%s: axis %d is out of range for a result of rank %d, from %s"
              .formatted(op, axis, rank, x.type()));
    }
    return Math.floorMod(axis, rank);
  }

  static Tensor transpose(Tensor x, int... permutation) {
    List<Integer> order =
        permutation.length == 0 ? reversed(x.rank()) : permutation(x, permutation);
    return permute(x, order);
  }

  static Tensor swapAxes(Tensor x, int first, int second) {
    int a = x.shape().axis("swapAxes", first);
    int b = x.shape().axis("swapAxes", second);
    List<Integer> order = ascending(x.rank());
    Collections.swap(order, a, b);
    return permute(x, order);
  }

  static Tensor moveAxis(Tensor x, int from, int to) {
    int source = x.shape().axis("moveAxis", from);
    int target = x.shape().axis("moveAxis", to);
    List<Integer> order = ascending(x.rank());
    order.add(target, order.remove(source));
    return permute(x, order);
  }

  static Tensor moveAxis(Tensor x, int[] from, int[] to) {
    TreeMap<Integer, Integer> sources = new TreeMap<>();
    List<Integer> order = ascending(x.rank());
    for (int i = 0; i < Math.min(from.length, to.length); i++) {
      Integer source = x.shape().axis("moveAxis", from[i]);
      sources.put(x.shape().axis("moveAxis", to[i]), source);
      order.remove(source);
    }
    if (from.length != to.length
        || sources.size() != to.length
        || order.size() != x.rank() - to.length) {
      throw new AxisException(
          "moveAxis: expected as many different axes to move as places, got %s and %s for %s"
              .formatted(Arrays.toString(from), Arrays.toString(to), x.type()));
    }
    sources.forEach(order::add);
    return permute(x, order);
  }

  /** Returns {@code x} with its axes in this order; itself if that is their order. */
  static Tensor permute(Tensor x, List<Integer> order) {
    return order.equals(ascending(x.rank()))
        ? ElementwiseOps.same(x)
        : Trace.bind(new Transpose(order), x);
  }

  static Tensor broadcastTo(Tensor x, long... extents) {
    Shape shape = Shape.of("broadcastTo", extents);
    int missing = shape.rank() - x.rank();
    boolean fits = missing >= 0;
    for (int axis = 0; fits && axis < x.rank(); axis++) {
      long extent = x.shape().extent(axis);
      fits = extent == 1 || extent == shape.extent(missing + axis);
    }
    if (!fits) {
      throw new ShapeException(
          "broadcastTo: %s does not broadcast to %s".formatted(x.type(), shape));
    }
    return x.shape().equals(shape) ? ElementwiseOps.same(x) : Broadcasting.to(x, shape);
  }

  static Tensor slice(Tensor x, long[] start, long[] limit, long[] stride) {
    requireOneAnAxis("slice", x, start, limit, stride);
    for (int axis = 0; axis < x.rank(); axis++) {
      boolean fits =
          0 <= start[axis]
              && start[axis] <= limit[axis]
              && limit[axis] <= x.shape().extent(axis)
              && stride[axis] >= 1;
      if (!fits) {
        throw new ShapeException(
            ("slice: start %d, limit %d, stride %d do not fit axis %d of %s; expected"
                    + " 0 <= start <= limit <= %d and stride >= 1")
                .formatted(
                    start[axis],
                    limit[axis],
                    stride[axis],
                    axis,
                    x.type(),
                    x.shape().extent(axis)));
      }
    }
    return Trace.bind(new Slice(list(start), list(limit), list(stride)), x);
  }

  static long[] ones(int rank) {
    long[] ones = new long[rank];
    Arrays.fill(ones, 1);
    return ones;
  }

  static Tensor get(Tensor x, long index) {
    if (x.rank() == 0) {
      throw new ShapeException("get: a scalar has no axis to index, got " + x.type());
    }
    long extent = x.shape().extent(0);
    if (index < -extent || index >= extent) {
      throw IndexBounds.outOfRange("get", "axis 0 of " + x.type(), -extent, extent, index);
    }
    long[] start = new long[x.rank()];
    long[] limit = x.shape().extents();
    start[0] = index < 0 ? index + extent : index;
    limit[0] = start[0] + 1;
    List<Long> stride = list(ones(x.rank()));
    return Trace.staged(() ->
        Trace.bind(
            new Reshape(x.shape().remove(0)),
            Trace.bind(new Slice(list(start), list(limit), stride), x)));
  }

  static Tensor flip(Tensor x, int... axes) {
    return Trace.bind(new Reverse(ReductionOps.axes("flip", x, axes)), x);
  }

  static Tensor pad(Tensor x, long[] low, long[] high) {
    requireOneAnAxis("pad", x, low, high);
    for (int axis = 0; axis < x.rank(); axis++) {
      if (low[axis] < 0 || high[axis] < 0) {
        throw new ShapeException(
            "pad: widths must not be negative, got %s and %s for %s"
                .formatted(Arrays.toString(low), Arrays.toString(high), x.type()));
      }
    }
    return Trace.bind(new Pad(list(low), list(high), list(new long[x.rank()])), x);
  }

  /** Pads with zeros, then selects the value where a mask padded in the same way is false. */
  static Tensor pad(Tensor x, long[] low, long[] high, Tensor value) {
    requireOneAnAxis("pad", x, low, high);
    return Trace.staged(() -> {
      Tensor inside = Trace.bind(new Full(x.type().with(DType.BOOL), 1));
      return Tensor.where(pad(inside, low, high), pad(x, low, high), value);
    });
  }

  static Tensor roll(Tensor x, long shift, int axis) {
    int along = x.shape().axis("roll", axis);
    long extent = x.shape().extent(along);
    long by = extent == 0 ? 0 : Math.floorMod(shift, extent);
    if (by == 0) {
      return ElementwiseOps.same(x);
    }
    long[] start = new long[x.rank()];
    long[] limit = x.shape().extents();
    start[along] = extent - by;
    limit[along] = extent - by;
    return Trace.staged(() ->
        concatenate(
            along, x.slice(start, x.shape().extents()), x.slice(new long[x.rank()], limit)));
  }

  static Tensor roll(Tensor x, long[] shifts, int[] axes) {
    if (shifts.length != axes.length) {
      throw new AxisException(
          "roll: expected one shift an axis, got %s and %s for %s"
              .formatted(Arrays.toString(shifts), Arrays.toString(axes), x.type()));
    }
    for (int axis : axes) {
      x.shape().axis("roll", axis);
    }
    if (axes.length == 0) {
      return ElementwiseOps.same(x);
    }
    return Trace.staged(() -> {
      Tensor rolled = x;
      for (int i = 0; i < axes.length; i++) {
        rolled = rolled.roll(shifts[i], axes[i]);
      }
      return rolled;
    });
  }

  static Tensor concatenate(int axis, Tensor... tensors) {
    Tensor first = first("concatenate", tensors);
    if (first.rank() == 0) {
      throw new ShapeException(
          "concatenate: scalars have no axis to join, got %s. Use Tensor.stack"
              .formatted(first.type()));
    }
    int along = first.shape().axis("concatenate", axis);
    DType dtype = first.dtype();
    for (Tensor tensor : tensors) {
      boolean fits =
          tensor.rank() == first.rank()
              && tensor.shape().remove(along).equals(first.shape().remove(along));
      if (!fits) {
        throw new ShapeException(
            "concatenate: shapes must be equal but for axis %d, got %s and %s"
                .formatted(along, first.type(), tensor.type()));
      }
      dtype = DType.promote(dtype, tensor.dtype());
    }
    return join(along, dtype, tensors);
  }

  static Tensor stack(int axis, Tensor... tensors) {
    Tensor first = first("stack", tensors);
    DType dtype = first.dtype();
    for (Tensor tensor : tensors) {
      if (!tensor.shape().equals(first.shape())) {
        throw new ShapeException(
            "stack: shapes must be equal, got %s and %s".formatted(first.type(), tensor.type()));
      }
      dtype = DType.promote(dtype, tensor.dtype());
    }
    int rank = first.rank() + 1;
    if (axis < -rank || axis >= rank) {
      throw new AxisException(
          "stack: axis %d is out of range for a result of rank %d, from %s"
              .formatted(axis, rank, first.type()));
    }
    int along = Math.floorMod(axis, rank);
    Reshape expand = new Reshape(first.shape().insert(along, 1));
    DType common = dtype;
    return Trace.staged(() -> {
      Tensor[] expanded = new Tensor[tensors.length];
      for (int i = 0; i < tensors.length; i++) {
        expanded[i] = Trace.bind(expand, tensors[i]);
      }
      return join(along, common, expanded);
    });
  }

  static Tensor iota(DType dtype, int axis, long... extents) {
    if (dtype == DType.BOOL) {
      throw new DTypeException("iota: expected a dtype of numbers, got bool");
    }
    TensorType type = new TensorType(dtype, Shape.of("iota", extents));
    return Trace.bind(new Iota(type, type.shape().axis("iota", axis)));
  }

  private static Tensor join(int axis, DType dtype, Tensor... tensors) {
    return Trace.staged(() -> {
      Tensor[] parts = new Tensor[tensors.length];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = ElementwiseOps.convert(tensors[i], dtype);
      }
      return Trace.bind(new Concatenate(axis), parts);
    });
  }

  private static Tensor to(Tensor x, Shape shape) {
    return x.shape().equals(shape) ? ElementwiseOps.same(x) : Trace.bind(new Reshape(shape), x);
  }

  /** Returns the shape with the extent that was given as -1. */
  private static Shape inferred(Tensor x, long... extents) {
    long known = 1;
    int unknown = -1;
    for (int axis = 0; axis < extents.length; axis++) {
      boolean second = extents[axis] == -1 && unknown >= 0;
      if (second || extents[axis] < -1) {
        throw doesNotFit(x, extents, "expected extents >= 0 and -1 at most once");
      }
      if (extents[axis] == -1) {
        unknown = axis;
      } else {
        known *= extents[axis];
      }
    }
    long[] result = extents.clone();
    if (unknown >= 0) {
      if (known == 0 || x.size() % known != 0) {
        throw doesNotFit(x, extents, "no extent in place of -1 fits");
      }
      result[unknown] = x.size() / known;
    }
    Shape shape = Shape.of("reshape", result);
    if (shape.size() != x.size()) {
      throw doesNotFit(x, extents, x.size() + " elements against " + shape.size());
    }
    return shape;
  }

  private static ShapeException doesNotFit(Tensor x, long[] extents, String why) {
    return new ShapeException(
        "reshape: %s does not fit %s: %s".formatted(x.type(), Arrays.toString(extents), why));
  }

  private static List<Integer> permutation(Tensor x, int... permutation) {
    List<Integer> order = new ArrayList<>(permutation.length);
    for (int axis : permutation) {
      order.add(x.shape().axis("transpose", axis));
    }
    if (!order.stream().sorted().toList().equals(ascending(x.rank()))) {
      throw new AxisException(
          "transpose: %s is no permutation of the axes of %s"
              .formatted(Arrays.toString(permutation), x.type()));
    }
    return order;
  }

  private static List<Integer> unitAxes(Shape shape) {
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.extent(axis) == 1) {
        axes.add(axis);
      }
    }
    return axes;
  }

  private static List<Integer> ascending(int rank) {
    List<Integer> axes = new ArrayList<>(rank);
    for (int axis = 0; axis < rank; axis++) {
      axes.add(axis);
    }
    return axes;
  }

  private static List<Integer> reversed(int rank) {
    List<Integer> axes = ascending(rank);
    Collections.reverse(axes);
    return axes;
  }

  private static List<Long> list(long... values) {
    return Arrays.stream(values).boxed().toList();
  }

  private static Tensor first(String op, Tensor... tensors) {
    if (tensors.length == 0) {
      throw new ShapeException(op + ": expected at least one tensor, got none");
    }
    return tensors[0];
  }

  private static void requireOneAnAxis(String op, Tensor x, long[]... lists) {
    for (long[] list : lists) {
      if (list.length != x.rank()) {
        throw new ShapeException(
            "%s: expected %d numbers, one an axis of %s, got %s"
                .formatted(op, x.rank(), x.type(), Arrays.toString(list)));
      }
    }
  }
}
