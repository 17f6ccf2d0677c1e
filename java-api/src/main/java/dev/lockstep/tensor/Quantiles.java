package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Ordering;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.runtime.Array;
import java.util.ArrayList;
import java.util.List;

/** The medians and quantiles of {@link Tensor}. */
final class Quantiles {
  private Quantiles() {}

  static Tensor median(Tensor x, boolean keep, int... axes) {
    return quantile("median", x, 0.5, keep, axes);
  }

  /** Interpolates between the two elements next to {@code q (n - 1)} in sorted order. */
  static Tensor quantile(String op, Tensor x, double q, boolean keep, int... axes) {
    requireUnit(op, q);
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

  /** Reads the two elements next to each {@code q (n - 1)} and weighs them by their distance. */
  static Tensor quantile(String op, Tensor x, Tensor q, boolean keep, int... axes) {
    List<Integer> list = ReductionOps.nonEmpty(op, x, axes);
    requireUnit(op, q);
    DType joint = DType.promote(x.dtype(), q.dtype());
    DType dtype = joint.isFloating() ? joint : DType.F64;
    return Trace.staged(() -> {
      Tensor rows = asRows(ElementwiseOps.convert(x, dtype), list);
      Tensor sorted = Trace.bind(new Ordering.Sort(false), rows);
      int outer = sorted.rank() - 1;
      long n = sorted.shape().extent(outer);
      Tensor unit = ElementwiseOps.convert(q, dtype).maximum(0.0).minimum(1.0);
      Tensor position = unit.mul(like(unit, n - 1));
      Tensor floor = position.floor();
      Tensor low = floor.stopGradient().cast(DType.I64);
      Tensor weight = position.sub(floor).reshape(aligned(q, outer));
      Tensor below = read(sorted, low);
      Tensor above = read(sorted, low.add(like(low, 1)));
      Tensor mixed = below.mul(like(weight, 1).sub(weight)).add(above.mul(weight));
      Tensor exact = Tensor.where(weight.equal(like(weight, 0)), below, mixed);
      Tensor last = column(sorted, n - 1);
      Tensor result = Tensor.where(last.isNan(), last, exact);
      return keep ? result.reshape(kept(q, x, list)) : result;
    });
  }

  private static void requireUnit(String op, Tensor q) {
    if (Trace.active() || !(q instanceof Array)) {
      return;
    }
    for (double element : ElementwiseOps.convert(q, DType.F64).toDoubleArray()) {
      requireUnit(op, element);
    }
  }

  private static void requireUnit(String op, double q) {
    if (!(q >= 0 && q <= 1)) {
      throw new ShapeException("%s: expected q in [0, 1], got %s".formatted(op, q));
    }
  }

  /** Returns the elements that stand at these places of the last axis, the places' axes first. */
  private static Tensor read(Tensor rows, Tensor places) {
    return IndexingOps.gather(rows, List.of(rows.rank() - 1), List.of(places));
  }

  private static long[] aligned(Tensor q, int rank) {
    Shape shape = q.shape();
    for (int i = 0; i < rank; i++) {
      shape = shape.insert(shape.rank(), 1);
    }
    return shape.extents();
  }

  private static long[] kept(Tensor q, Tensor x, List<Integer> axes) {
    Shape shape = q.shape();
    for (long extent : ReductionOps.kept(x.shape(), axes).extents()) {
      shape = shape.insert(shape.rank(), extent);
    }
    return shape.extents();
  }

  private static Tensor like(Tensor x, double value) {
    return Trace.bind(new Full(x.type(), value));
  }
}
