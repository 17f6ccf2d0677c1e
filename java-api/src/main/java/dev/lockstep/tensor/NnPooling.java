package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Windowed;
import dev.lockstep.program.primitive.Windowing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** Poolings: the padded operand's windows, reduced. */
final class NnPooling {
  private NnPooling() {}

  static Tensor max(Tensor x, PoolOptions options) {
    return extreme("maxPool", x, options, true, Windowed.WindowMax::new);
  }

  static Tensor min(Tensor x, PoolOptions options) {
    return extreme("minPool", x, options, false, Windowed.WindowMin::new);
  }

  private static Tensor extreme(
      String op,
      Tensor x,
      PoolOptions options,
      boolean max,
      Function<Windowing, Windowed.Extreme> primitive) {
    Windowing windowing = windowing(op, x, options);
    SpatialPadding padding = padding(op, x, options, windowing);
    if (x.dtype() == DType.BOOL) {
      throw new DTypeException(op + ": not defined for bool, got " + x.type());
    }
    Number worst =
        switch (x.dtype()) {
          case F32, F64, BF16 -> max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
          case I64 -> max ? Long.MIN_VALUE : Long.MAX_VALUE;
          case I32, BOOL -> max ? (long) Integer.MIN_VALUE : (long) Integer.MAX_VALUE;
        };
    return Trace.staged(
        () -> Trace.bind(primitive.apply(windowing), padded(x, windowing, padding, worst)));
  }

  static Tensor average(Tensor x, PoolOptions options) {
    Windowing windowing = windowing("avgPool", x, options);
    SpatialPadding padding = padding("avgPool", x, options, windowing);
    return ElementwiseOps.composed(
        x,
        real -> {
          Tensor total = sums(padded(real, windowing, padding, 0.0), windowing);
          if (options.countPadding()) {
            long count = windowing.window().stream().reduce(1L, (a, b) -> a * b);
            return total.div(Trace.bind(new Full(total.type(), count)));
          }
          Tensor ones = Trace.bind(new Full(real.type(), 1));
          return total.div(sums(padded(ones, windowing, padding, 0.0), windowing));
        });
  }

  private static Tensor sums(Tensor x, Windowing windowing) {
    Tensor windows = Trace.bind(new Windowed.Windows(windowing), x);
    List<Integer> within = new ArrayList<>();
    for (int i = 0; i < windowing.count(); i++) {
      within.add(x.rank() + i);
    }
    return Trace.bind(new Reduction.Sum(within), windows);
  }

  private static Windowing windowing(String op, Tensor x, PoolOptions options) {
    int axes = options.window().size();
    if (axes < 1 || x.rank() != axes + 2) {
      throw new ShapeException(
          ("%s: expected examples, channels and %d spatial axes for windows %s, got %s."
                  + " Add the axis of one example with x.expandDims(0)")
              .formatted(op, axes, options.window(), x.type()));
    }
    return new Windowing(
        options.layout().firstSpatial(),
        SpatialPadding.perAxis(op, "windows", options.window(), axes),
        SpatialPadding.perAxis(op, "strides", options.strides(), axes),
        Collections.nCopies(axes, 1L));
  }

  private static SpatialPadding padding(
      String op, Tensor x, PoolOptions options, Windowing windowing) {
    List<Long> extents = new ArrayList<>();
    for (int i = 0; i < windowing.count(); i++) {
      extents.add(x.shape().extent(windowing.firstAxis() + i));
    }
    return SpatialPadding.of(
        op, options.padding(), extents, windowing.window(), windowing.strides());
  }

  private static Tensor padded(
      Tensor x, Windowing windowing, SpatialPadding padding, Number value) {
    long[] low = new long[x.rank()];
    long[] high = new long[x.rank()];
    boolean none = true;
    for (int i = 0; i < windowing.count(); i++) {
      low[windowing.firstAxis() + i] = padding.low().get(i);
      high[windowing.firstAxis() + i] = padding.high().get(i);
      none &= padding.low().get(i) == 0 && padding.high().get(i) == 0;
    }
    if (none) {
      return x;
    }
    Tensor filler = Trace.bind(new Full(new TensorType(x.dtype(), Shape.of()), value));
    return value.doubleValue() == 0 ? x.pad(low, high) : ShapeOps.pad(x, low, high, filler);
  }
}
