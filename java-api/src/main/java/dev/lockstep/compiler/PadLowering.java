package dev.lockstep.compiler;

import dev.lockstep.program.primitive.Placed;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Puts operands among zeros. */
final class PadLowering {
  private PadLowering() {}

  /** Returns whether zeros stand between the operand's elements. */
  static boolean hasGaps(Structural.Pad pad) {
    return pad.interior().stream().anyMatch(gap -> gap > 0);
  }

  static List<Step> pad(Structural.Pad pad, View from, View whole) {
    return hasGaps(pad) ? fillAndCopy(pad, from, whole) : bordersAndCopy(pad, from, whole);
  }

  static List<Step> embed(Placed.Embed embed, List<View> operands, View whole) {
    List<Step> steps = new ArrayList<>();
    steps.add(zeros(whole));
    for (int i = 0; i < operands.size(); i++) {
      View from = operands.get(i);
      steps.add(Step.Copy.of(from, whole.at(embed.places().get(i), from.shape())));
    }
    return steps;
  }

  private static List<Step> fillAndCopy(Structural.Pad pad, View from, View whole) {
    List<Long> stride = pad.interior().stream().map(gap -> gap + 1).toList();
    List<Long> limit = new ArrayList<>();
    for (int axis = 0; axis < stride.size(); axis++) {
      long extent = from.shape().extent(axis);
      long last = pad.low().get(axis) + Math.max(0, extent - 1) * stride.get(axis);
      limit.add(extent == 0 ? pad.low().get(axis) : last + 1);
    }
    return List.of(zeros(whole), Step.Copy.of(from, whole.slice(pad.low(), limit, stride)));
  }

  /** Writes every element once: the borders of one axis after the other, then what is inside. */
  private static List<Step> bordersAndCopy(Structural.Pad pad, View from, View whole) {
    List<Step> steps = new ArrayList<>();
    View inside = whole;
    for (int axis = 0; axis < whole.shape().rank(); axis++) {
      long extent = from.shape().extent(axis);
      long low = pad.low().get(axis);
      long high = whole.shape().extent(axis) - low - extent;
      if (low > 0) {
        steps.add(zeros(inside.part(axis, 0, low)));
      }
      if (high > 0) {
        steps.add(zeros(inside.part(axis, low + extent, high)));
      }
      inside = inside.part(axis, low, extent);
    }
    steps.add(Step.Copy.of(from, inside));
    return steps;
  }

  private static Step zeros(View to) {
    return Step.Copy.of(View.constant(new TensorType(to.dtype(), to.shape()), 0), to);
  }
}
