package dev.lockstep.compiler;

import dev.lockstep.compiler.Step.Pooling.Kind;
import dev.lockstep.program.primitive.Windowed;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Makes each op on windows one step. */
final class PoolingLowering {
  private PoolingLowering() {}

  /** Returns the steps that compute the op into {@code result}. */
  static List<Step> lower(Windowed op, List<View> operands, View result) {
    List<Step> steps = new ArrayList<>();
    List<View> from = operands.stream().map(view -> inMemory(view, steps)).toList();
    View first = from.getFirst();
    steps.add(
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
        });
    return steps;
  }

  private static Step step(
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
