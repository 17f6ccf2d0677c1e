package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Windowed;
import dev.lockstep.program.primitive.Windowing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** Poolings: the windows that options say, one primitive each. */
final class NnPooling {
  private NnPooling() {}

  static Tensor max(Tensor x, PoolOptions options) {
    return extreme("maxPool", x, options, Windowed.WindowMax::new);
  }

  static Tensor min(Tensor x, PoolOptions options) {
    return extreme("minPool", x, options, Windowed.WindowMin::new);
  }

  private static Tensor extreme(
      String op, Tensor x, PoolOptions options, Function<Windowing, Windowed.Extreme> primitive) {
    Windowing windowing = windowing(op, x, options);
    if (x.dtype() == DType.BOOL) {
      throw new DTypeException(op + ": not defined for bool, got " + x.type());
    }
    return Trace.bind(primitive.apply(windowing), x);
  }

  static Tensor average(Tensor x, PoolOptions options) {
    Windowing windowing = windowing("avgPool", x, options);
    return Trace.staged(() ->
        Trace.bind(
            new Windowed.WindowMean(windowing, options.countPadding()),
            ElementwiseOps.floating(x)));
  }

  private static Windowing windowing(String op, Tensor x, PoolOptions options) {
    int axes = options.window().size();
    if (axes < 1 || axes > 3) {
      throw new ShapeException(
          "%s: expected windows along 1 to 3 axes, got %s".formatted(op, options.window()));
    }
    if (x.rank() != axes + 2) {
      throw new ShapeException(
          ("%s: expected examples, channels and %d spatial axes for windows %s, got %s."
                  + " Add the axis of one example with x.expandDims(0)")
              .formatted(op, axes, options.window(), x.type()));
    }
    int first = options.layout().firstSpatial();
    List<Long> window = SpatialPadding.perAxis(op, "windows", options.window(), axes);
    List<Long> strides = SpatialPadding.perAxis(op, "strides", options.strides(), axes);
    List<Long> extents = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      extents.add(x.shape().extent(first + i));
    }
    SpatialPadding padding = SpatialPadding.of(op, options.padding(), extents, window, strides);
    return new Windowing(
        first, window, strides, Collections.nCopies(axes, 1L), padding.low(), padding.high());
  }
}
