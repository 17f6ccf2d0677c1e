package dev.lockstep.compiler;

import dev.lockstep.bindings.Instruction;
import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.program.primitive.Windowed;
import dev.lockstep.program.primitive.Windowing;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns ops on windows into loops over the windows' positions. Each element of a small window is a
 * strided operand of its own, so that the loop runs along positions; large windows are reduced.
 */
final class WindowLowering {
  private static final int MOST_OPERANDS = 16;

  private WindowLowering() {}

  /** Returns the steps that compute the op into {@code result}. */
  static List<Step> lower(Windowed op, View operand, View result) {
    return switch (op) {
      case Windowed.Windows _ -> throw new IllegalStateException("windows are a view: " + op);
      case Windowed.Fold fold -> fold(fold.windowing(), operand, result);
      case Windowed.Extreme extreme -> List.of(extreme(extreme, operand, result));
    };
  }

  private static Step extreme(Windowed.Extreme op, View operand, View result) {
    View windows = operand.windows(op.windowing());
    int kept = operand.shape().rank();
    List<View> elements = elements(windows, kept, MOST_OPERANDS);
    if (elements != null) {
      return combined(op.opcode(), elements, result);
    }
    long[] strides = Arrays.copyOf(result.strides(), windows.shape().rank());
    View to = new View(result.slot(), result.dtype(), result.shape(), result.offset(), strides);
    return new Step.Loop(
        windows.shape().extents(),
        op.windowing().count(),
        List.of(windows),
        List.of(),
        List.of(new Step.Result(to, 0, op.reduceCode())));
  }

  /** Windows that do not overlap are copied to their places, others added element by element. */
  private static List<Step> fold(Windowing windowing, View operand, View result) {
    List<Step> steps = new ArrayList<>();
    View zeros = View.constant(new TensorType(result.dtype(), result.shape()), 0);
    steps.add(Step.Copy.of(zeros, result));
    View windows = result.windows(windowing);
    if (!windowing.overlap()) {
      steps.add(Step.Copy.of(operand, windows));
      return steps;
    }
    int kept = result.shape().rank();
    List<View> from = elements(operand, kept, Integer.MAX_VALUE);
    List<View> to = elements(windows, kept, Integer.MAX_VALUE);
    for (int i = 0; i < from.size(); i++) {
      List<View> terms = List.of(to.get(i), from.get(i));
      steps.add(combined(lockstep_h.LS_OP_ADD(), terms, to.get(i)));
    }
    return steps;
  }

  /** Returns the loop that folds the operands with a binary op. */
  private static Step combined(int opcode, List<View> operands, View result) {
    int dtype = result.dtype().code();
    List<Instruction> instructions = new ArrayList<>();
    int value = 0;
    for (int i = 1; i < operands.size(); i++) {
      instructions.add(new Instruction(opcode, dtype, dtype, value, i, -1));
      value = operands.size() + instructions.size() - 1;
    }
    return new Step.Loop(
        result.shape().extents(),
        0,
        operands,
        instructions,
        List.of(new Step.Result(result, value, lockstep_h.LS_REDUCE_NONE())));
  }

  /**
   * Returns for each element of a window the view of it over all windows, or null if there are more
   * than {@code most}.
   */
  private static List<View> elements(View windows, int kept, int most) {
    long[] extents = windows.shape().extents();
    Shape positions = Shape.of(Arrays.copyOf(extents, kept));
    long[] strides = Arrays.copyOf(windows.strides(), kept);
    List<View> elements = List.of(windows);
    for (int axis = extents.length - 1; axis >= kept; axis--) {
      if (elements.size() * extents[axis] > most) {
        return null;
      }
      List<View> parts = new ArrayList<>();
      for (long k = 0; k < extents[axis]; k++) {
        for (View element : elements) {
          parts.add(element.part(axis, k, 1));
        }
      }
      elements = parts;
    }
    return elements.stream()
        .map(e -> new View(e.slot(), e.dtype(), positions, e.offset(), strides))
        .toList();
  }
}
