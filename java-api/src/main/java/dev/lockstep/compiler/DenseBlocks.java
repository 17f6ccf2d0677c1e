package dev.lockstep.compiler;

import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * The operands and results of a step that takes dense blocks only: operands that are not dense are
 * copied before it, and results that do not stand so after it.
 */
final class DenseBlocks {
  private final List<Step> before = new ArrayList<>();
  private final List<Step> after = new ArrayList<>();

  View operand(View operand) {
    return operand.isContiguous() ? operand : Step.Copy.toTemporary(operand, before);
  }

  View result(View result) {
    if (result.isContiguous()) {
      return result;
    }
    TensorType type = new TensorType(result.dtype(), result.shape());
    View dense = View.dense(Slot.temporary(type.bytes()), type);
    after.add(Step.Copy.of(dense, result));
    return dense;
  }

  /** Returns the step with the copies around it. */
  List<Step> around(Step step) {
    List<Step> steps = new ArrayList<>(before);
    steps.add(step);
    steps.addAll(after);
    return steps;
  }
}
