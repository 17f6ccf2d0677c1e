package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.program.primitive.Ordering;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Iota;
import java.util.ArrayList;
import java.util.List;

/** The methods of {@link Tensor} that order elements or find one by its order. */
final class OrderingOps {
  private OrderingOps() {}

  static Tensor sort(String op, Tensor x, int axis, boolean descending) {
    int along = RunningOps.axis(op, x, axis);
    return Trace.staged(() -> sorted(x, along, descending).getFirst().moveAxis(-1, along));
  }

  static Tensor argSort(String op, Tensor x, int axis, boolean descending) {
    int along = RunningOps.axis(op, x, axis);
    return Trace.staged(() -> sorted(x, along, descending).getLast().moveAxis(-1, along));
  }

  static TopK topK(Tensor x, long k, int axis) {
    int along = RunningOps.axis("topK", x, axis);
    long extent = x.shape().extent(along);
    if (k < 0 || k > extent) {
      throw new ShapeException(
          "topK: expected k of 0 to %d, the extent of axis %d of %s, got %d"
              .formatted(extent, along, x.type(), k));
    }
    List<Tensor> results =
        Trace.stagedAll(() ->
            sorted(x, along, true).stream()
                .map(rows -> first(rows, k).moveAxis(-1, along))
                .toList());
    return new TopK(results.getFirst(), results.getLast());
  }

  /** Returns the sorted elements and their positions, with the axis as the last one. */
  private static List<Tensor> sorted(Tensor x, int axis, boolean descending) {
    return Trace.bindAll(new Ordering.Sort(descending), x.moveAxis(axis, -1));
  }

  private static Tensor first(Tensor rows, long count) {
    long[] limit = rows.shape().extents();
    limit[limit.length - 1] = count;
    return rows.slice(new long[limit.length], limit);
  }

  /** Finds the extremum, then the smallest index that has it; NaN is one wherever there is one. */
  static Tensor argMax(Tensor x, int axis) {
    int along = chosen("argMax", x, axis);
    return Trace.staged(() -> firstOf(x, ReductionOps.max(x, true, along), along));
  }

  static Tensor argMin(Tensor x, int axis) {
    int along = chosen("argMin", x, axis);
    return Trace.staged(() -> firstOf(x, ReductionOps.min(x, true, along), along));
  }

  private static int chosen(String op, Tensor x, int axis) {
    int along = RunningOps.axis(op, x, axis);
    ReductionOps.nonEmpty(op, x, along);
    return along;
  }

  private static Tensor firstOf(Tensor x, Tensor extremum, int axis) {
    TensorType index = x.type().with(DType.I32);
    Tensor found = x.equal(extremum).or(x.isNan());
    Tensor last = Trace.bind(new Full(index, x.shape().extent(axis) - 1));
    Tensor candidates = Tensor.where(found, Trace.bind(new Iota(index, axis)), last);
    return Trace.bind(new Reduction.Min(List.of(axis)), candidates);
  }

  static Tensor median(Tensor x, boolean keep, int... axes) {
    return quantile("median", x, 0.5, keep, axes);
  }

  /** Interpolates between the two elements next to {@code q (n - 1)} in sorted order. */
  static Tensor quantile(String op, Tensor x, double q, boolean keep, int... axes) {
    if (!(q >= 0 && q <= 1)) {
      throw new ShapeException("%s: expected q in [0, 1], got %s".formatted(op, q));
    }
    List<Integer> list = ReductionOps.nonEmpty(op, x, axes);
    return Trace.staged(() -> {
      Tensor rows = Trace.bind(new Ordering.Sort(false), asRows(ElementwiseOps.floating(x), list));
      long n = rows.shape().extent(rows.rank() - 1);
      double position = q * (n - 1);
      long low = (long) Math.floor(position);
      double weight = position - low;
      Tensor below = column(rows, low);
      Tensor above = column(rows, Math.min(low + 1, n - 1));
      Tensor mixed =
          weight == 0
              ? below
              : below.mul(like(below, 1 - weight)).add(above.mul(like(above, weight)));
      Tensor last = column(rows, n - 1);
      Tensor result = Tensor.where(last.isNan(), last, mixed);
      return keep ? result.reshape(ReductionOps.kept(x.shape(), list).extents()) : result;
    });
  }

  /** Returns the tensor with these axes flattened into the last one. */
  private static Tensor asRows(Tensor x, List<Integer> axes) {
    List<Integer> order = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      if (!axes.contains(axis)) {
        order.add(axis);
      }
    }
    Shape outer = ReductionOps.dropped(x.shape(), axes);
    order.addAll(axes);
    Shape rows = outer.insert(outer.rank(), ReductionOps.count(x, axes));
    return ShapeOps.permute(x, order).reshape(rows.extents());
  }

  private static Tensor column(Tensor rows, long index) {
    long[] start = new long[rows.rank()];
    long[] limit = rows.shape().extents();
    start[start.length - 1] = index;
    limit[limit.length - 1] = index + 1;
    return rows.slice(start, limit).squeeze(rows.rank() - 1);
  }

  /**
   * Searches all values at once, bit by bit from the highest: a position grows by the bit if the
   * element before it is still before the value.
   */
  static Tensor searchSorted(String op, Tensor sorted, Tensor values, boolean right) {
    if (sorted.rank() != 1) {
      throw new ShapeException(
          "%s: expected a vector in ascending order, got %s. For each one of a batch: vmap"
              .formatted(op, sorted.type()));
    }
    if (sorted.size() > Integer.MAX_VALUE) {
      throw new ShapeException(
          "%s: positions are i32, but %s has more elements".formatted(op, sorted.type()));
    }
    DType dtype = DType.promote(sorted.dtype(), values.dtype());
    if (dtype == DType.BOOL) {
      throw new DTypeException(
          "%s: not defined for bool, got %s and %s. Cast one: x.cast(DType.I32)"
              .formatted(op, sorted.type(), values.type()));
    }
    return Trace.staged(() -> {
      Tensor row = ElementwiseOps.convert(sorted, dtype);
      Tensor wanted = ElementwiseOps.convert(values, dtype);
      long n = row.size();
      Tensor position = Trace.bind(new Full(wanted.type().with(DType.I32), 0));
      Indexing.Gather read = new Indexing.Gather(0, 1, Indexing.Bounds.CLAMP);
      for (long bit = Long.highestOneBit(n); bit > 0; bit /= 2) {
        Tensor next = position.add(like(position, bit));
        Tensor element = Trace.bind(read, row, next.sub(like(next, 1)));
        Tensor before = right ? isBefore(wanted, element).not() : isBefore(element, wanted);
        position = Tensor.where(next.lessEqual(like(next, n)).and(before), next, position);
      }
      return position;
    });
  }

  /** Compares as sorting does: NaN comes last. */
  private static Tensor isBefore(Tensor x, Tensor y) {
    return x.less(y).or(y.isNan().and(x.isNan().not()));
  }

  private static Tensor like(Tensor x, double value) {
    return Trace.bind(new Full(x.type(), value));
  }
}
