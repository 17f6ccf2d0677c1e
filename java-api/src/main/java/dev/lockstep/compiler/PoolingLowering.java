package dev.lockstep.compiler;

import dev.lockstep.compiler.Step.Pooling.Kind;
import dev.lockstep.program.primitive.Windowed;
import dev.lockstep.program.primitive.Windowing;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Makes each op on windows one step; where many windows of several axes hold each row, a step for
 * each axis: long windows cost little along one axis only (decision 15).
 */
final class PoolingLowering {
  /** How often a row is looked at by a single step, at least, that several are better. */
  private static final double MANY_WINDOWS = 32;

  private PoolingLowering() {}

  /** Returns the steps that compute the op into {@code result}. */
  static List<Step> lower(Windowed op, List<View> operands, View result) {
    List<Step> steps = new ArrayList<>();
    List<View> from = operands.stream().map(view -> inMemory(view, steps)).toList();
    View first = from.getFirst();
    Step.Pooling whole =
        switch (op) {
          case Windowed.Extreme extreme ->
              step(op, Kind.EXTREME, extreme.least(), true, first, null, result);
          case Windowed.WindowTake take ->
              step(op, Kind.TAKE, take.least(), true, first, from.get(1), result);
          case Windowed.WindowPut put ->
              step(op, Kind.PUT, put.least(), true, first, result, from.get(1));
          case Windowed.WindowMean mean ->
              step(op, Kind.MEAN, false, mean.countPadding(), first, null, result);
          case Windowed.WindowSpread spread ->
              step(op, Kind.SPREAD, false, spread.countPadding(), result, null, first);
        };
    add(whole, steps);
    return steps;
  }

  /** Adds the step, or the steps for its last axis with windows and for those before it. */
  private static void add(Step.Pooling whole, List<Step> steps) {
    Windowing all = whole.windowing();
    int last = lastWindowed(all);
    if (windowsOfRow(whole, last) < MANY_WINDOWS) {
      steps.add(whole);
      return;
    }
    Windowing along = restricted(all, axis -> axis == last);
    Windowing before = restricted(all, axis -> axis < last);
    View x = whole.x();
    View y = whole.y();
    View rows = temporary(x.dtype(), along.positions(x.shape()));
    switch (whole.kind()) {
      case EXTREME, MEAN -> {
        steps.add(part(whole, along, x, null, rows));
        add(part(whole, before, rows, null, y), steps);
      }
      case TAKE -> {
        View taken = temporary(x.dtype(), rows.shape());
        steps.add(extremes(whole, along, rows));
        steps.add(part(whole, along, x, whole.t(), taken));
        add(part(whole, before, rows, taken, y), steps);
      }
      case PUT -> {
        View put = temporary(x.dtype(), rows.shape());
        steps.add(extremes(whole, along, rows));
        add(part(whole, before, rows, put, y), steps);
        steps.add(part(whole, along, x, whole.t(), put));
      }
      case SPREAD -> {
        add(part(whole, before, rows, null, y), steps);
        steps.add(part(whole, along, x, null, rows));
      }
    }
  }

  private static int lastWindowed(Windowing windowing) {
    int last = windowing.count() - 1;
    while (last > 0 && windowing.window().get(last) == 1) {
      last--;
    }
    return last;
  }

  /** Returns how many rows of windows a row of x is in, on average. */
  private static double windowsOfRow(Step.Pooling step, int last) {
    Windowing windowing = step.windowing();
    double product = 1;
    for (int i = 0; i < last; i++) {
      int axis = windowing.firstAxis() + i;
      double elements = windowing.window().get(i) * (double) step.y().shape().extent(axis);
      product *= elements / Math.max(1, step.x().shape().extent(axis));
    }
    return product;
  }

  /** Returns the windowing of some axes, with windows of one element along the others. */
  private static Windowing restricted(Windowing all, IntPredicate axes) {
    return new Windowing(
        all.firstAxis(),
        restricted(all.window(), 1, axes),
        restricted(all.strides(), 1, axes),
        restricted(all.dilation(), 1, axes),
        restricted(all.low(), 0, axes),
        restricted(all.high(), 0, axes));
  }

  private static List<Long> restricted(List<Long> all, long other, IntPredicate axes) {
    return IntStream.range(0, all.size())
        .mapToObj(i -> axes.test(i) ? all.get(i) : (Long) other)
        .toList();
  }

  private static View temporary(DType dtype, Shape shape) {
    TensorType type = new TensorType(dtype, shape);
    return View.dense(Slot.temporary(type.bytes()), type);
  }

  private static Step.Pooling extremes(Step.Pooling whole, Windowing windowing, View result) {
    return new Step.Pooling(Kind.EXTREME, windowing, whole.least(), true, whole.x(), null, result);
  }

  private static Step.Pooling part(
      Step.Pooling whole, Windowing windowing, View x, View t, View y) {
    return new Step.Pooling(whole.kind(), windowing, whole.least(), whole.countPadding(), x, t, y);
  }

  private static Step.Pooling step(
      Windowed op, Kind kind, boolean least, boolean countPadding, View x, View t, View y) {
    return new Step.Pooling(kind, op.windowing(), least, countPadding, x, t, y);
  }

  /** Of a constant, such as a sum's cotangent, one element is stored. */
  private static View inMemory(View view, List<Step> steps) {
    if (view.slot() != Slot.CONSTANT) {
      return Step.Copy.inMemory(view, steps);
    }
    TensorType one = new TensorType(view.dtype(), Shape.of());
    return Step.Copy.toTemporary(View.constant(one, view.offset()), steps)
        .broadcast(view.shape(), List.of());
  }
}
