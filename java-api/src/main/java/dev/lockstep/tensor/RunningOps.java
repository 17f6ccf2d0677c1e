package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Cumulative;

/** The running sums, products and extrema of {@link Tensor}. */
final class RunningOps {
  private RunningOps() {}

  static Tensor sum(String op, Tensor x, int axis, boolean reverse) {
    return along(op, new Cumulative.CumSum(reverse), whole(x.dtype()), x, axis);
  }

  static Tensor prod(String op, Tensor x, int axis, boolean reverse) {
    return along(op, new Cumulative.CumProd(reverse), whole(x.dtype()), x, axis);
  }

  static Tensor max(String op, Tensor x, int axis, boolean reverse) {
    return along(op, new Cumulative.CumMax(reverse), number(x.dtype()), x, axis);
  }

  static Tensor min(String op, Tensor x, int axis, boolean reverse) {
    return along(op, new Cumulative.CumMin(reverse), number(x.dtype()), x, axis);
  }

  static Tensor logSumExp(String op, Tensor x, int axis, boolean reverse) {
    DType dtype = x.dtype().isFloating() ? x.dtype() : DType.F64;
    return along(op, new Cumulative.CumLogSumExp(reverse), dtype, x, axis);
  }

  /** Runs along the last axis in {@code dtype}; of bools an extremum is bool again. */
  private static Tensor along(String op, Cumulative running, DType dtype, Tensor x, int axis) {
    int along = axis(op, x, axis);
    return Trace.staged(() -> {
      Tensor rows = ElementwiseOps.convert(x, dtype).moveAxis(along, -1);
      Tensor result = Trace.bind(running, rows).moveAxis(-1, along);
      boolean extremumOfBools = x.dtype() == DType.BOOL && dtype == DType.I32;
      return extremumOfBools ? result.cast(DType.BOOL) : result;
    });
  }

  /** Returns the axis counted from 0. */
  static int axis(String op, Tensor x, int axis) {
    if (x.rank() == 0) {
      throw new ShapeException(
          "%s: a scalar has no axis %d, got %s. Use flatten()".formatted(op, axis, x.type()));
    }
    return x.shape().axis(op, axis);
  }

  private static DType whole(DType dtype) {
    return dtype == DType.BOOL ? DType.I64 : dtype;
  }

  private static DType number(DType dtype) {
    return dtype == DType.BOOL ? DType.I32 : dtype;
  }
}
