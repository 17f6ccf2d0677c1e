package dev.lockstep.tensor;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Reshape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The reductions of {@link Tensor}: they check axes and promote, then bind. */
final class ReductionOps {
  private ReductionOps() {}

  /**
   * Returns the axes counted from 0, ascending; all axes if none is given.
   *
   * @throws AxisException if one is out of range or given twice
   */
  static List<Integer> axes(String op, Tensor x, int... axes) {
    boolean[] chosen = new boolean[x.rank()];
    for (int axis : Objects.requireNonNull(axes, "axes")) {
      int known = x.shape().axis(op, axis);
      if (chosen[known]) {
        throw new AxisException("%s: axis %d of %s is given twice".formatted(op, axis, x.type()));
      }
      chosen[known] = true;
    }
    List<Integer> result = new ArrayList<>(chosen.length);
    for (int axis = 0; axis < chosen.length; axis++) {
      if (axes.length == 0 || chosen[axis]) {
        result.add(axis);
      }
    }
    return result;
  }

  /** Returns the number of elements that are combined into one. */
  static long count(Tensor x, List<Integer> axes) {
    long count = 1;
    for (int axis : axes) {
      count *= x.shape().extent(axis);
    }
    return count;
  }

  /**
   * Returns the axes as {@link #axes} does.
   *
   * @throws ShapeException if there are no elements along them
   */
  static List<Integer> nonEmpty(String op, Tensor x, int... axes) {
    List<Integer> list = axes(op, x, axes);
    if (count(x, list) == 0) {
      throw new ShapeException(
          "%s: expected elements to choose from, but %s has none along axes %s"
              .formatted(op, x.type(), list));
    }
    return list;
  }

  /** Returns the shape without {@code axes}. */
  static Shape dropped(Shape shape, List<Integer> axes) {
    Shape result = shape;
    for (int axis : axes.reversed()) {
      result = result.remove(axis);
    }
    return result;
  }

  /** Returns the shape with extent 1 in place of {@code axes}. */
  static Shape kept(Shape shape, List<Integer> axes) {
    long[] extents = shape.extents();
    for (int axis : axes) {
      extents[axis] = 1;
    }
    return Shape.of(extents);
  }

  static Tensor sum(Tensor x, boolean keep, int... axes) {
    return reduce(new Reduction.Sum(axes("sum", x, axes)), whole(x.dtype()), x, keep);
  }

  static Tensor prod(Tensor x, boolean keep, int... axes) {
    return reduce(new Reduction.Prod(axes("prod", x, axes)), whole(x.dtype()), x, keep);
  }

  static Tensor max(Tensor x, boolean keep, int... axes) {
    List<Integer> list = nonEmpty("max", x, axes);
    return reduce(new Reduction.Max(list), x.dtype(), x, keep);
  }

  static Tensor min(Tensor x, boolean keep, int... axes) {
    List<Integer> list = nonEmpty("min", x, axes);
    return reduce(new Reduction.Min(list), x.dtype(), x, keep);
  }

  static Tensor any(Tensor x, boolean keep, int... axes) {
    return reduce(new Reduction.Max(axes("any", x, axes)), DType.BOOL, x, keep);
  }

  static Tensor all(Tensor x, boolean keep, int... axes) {
    return reduce(new Reduction.Min(axes("all", x, axes)), DType.BOOL, x, keep);
  }

  static Tensor mean(Tensor x, boolean keep, int... axes) {
    List<Integer> list = axes("mean", x, axes);
    return ElementwiseOps.composed(x, real -> mean(real, keep, list));
  }

  /** Returns the mean of floating elements; inside a staged body. */
  static Tensor mean(Tensor x, boolean keep, List<Integer> axes) {
    Tensor sum = reduce(new Reduction.Sum(axes), x.dtype(), x, keep);
    return sum.div(Trace.bind(new Full(sum.type(), count(x, axes))));
  }

  private static Tensor reduce(Reduction reduction, DType dtype, Tensor x, boolean keep) {
    if (!keep && x.dtype() == dtype) {
      return Trace.bind(reduction, x);
    }
    return Trace.staged(() -> {
      Tensor result = Trace.bind(reduction, ElementwiseOps.convert(x, dtype));
      return keep ? Trace.bind(new Reshape(kept(x.shape(), reduction.axes())), result) : result;
    });
  }

  /** Sums and products of integers and bools are i64, as in NumPy. */
  private static DType whole(DType dtype) {
    return dtype.isFloating() ? dtype : DType.I64;
  }
}
