package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.program.primitive.Ordering;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Iota;
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
  static Tensor argMax(String op, Tensor x, int axis, boolean keep) {
    int along = chosen(op, x, axis);
    return Trace.staged(() -> firstOf(x, ReductionOps.max(x, true, along), along, keep));
  }

  static Tensor argMin(String op, Tensor x, int axis, boolean keep) {
    int along = chosen(op, x, axis);
    return Trace.staged(() -> firstOf(x, ReductionOps.min(x, true, along), along, keep));
  }

  static Tensor argMax(Tensor x) {
    return Trace.staged(() -> argMax("argMax", x.flatten(), 0, false));
  }

  static Tensor argMin(Tensor x) {
    return Trace.staged(() -> argMin("argMin", x.flatten(), 0, false));
  }

  private static int chosen(String op, Tensor x, int axis) {
    int along = RunningOps.axis(op, x, axis);
    ReductionOps.nonEmpty(op, x, along);
    return along;
  }

  private static Tensor firstOf(Tensor x, Tensor extremum, int axis, boolean keep) {
    TensorType index = x.type().with(DType.I32);
    Tensor found = x.equal(extremum).or(x.isNan());
    Tensor last = Trace.bind(new Full(index, x.shape().extent(axis) - 1));
    Tensor candidates = Tensor.where(found, Trace.bind(new Iota(index, axis)), last);
    return ReductionOps.min(candidates, keep, axis);
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
