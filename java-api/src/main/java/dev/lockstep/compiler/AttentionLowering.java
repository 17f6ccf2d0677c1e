package dev.lockstep.compiler;

import dev.lockstep.program.primitive.AttentionOp;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Turns attention and its gradient into steps, which take operands of any strides. */
final class AttentionLowering {
  private AttentionLowering() {}

  /**
   * @param results null where nothing uses a result
   */
  static List<Step> lower(AttentionOp op, List<View> operands, List<View> results) {
    List<Step> steps = new ArrayList<>();
    List<View> in = operands.stream().map(view -> inMemory(view, steps)).toList();
    steps.add(
        switch (op) {
          case AttentionOp.Attention a -> {
            View mask = in.size() > 3 ? in.get(3) : null;
            yield new Step.Attention(
                a.scale(), a.causal(), in.get(0), in.get(1), in.get(2), mask, results.getFirst());
          }
          case AttentionOp.AttentionGradient g -> {
            View mask = in.size() > 4 ? in.get(3) : null;
            yield new Step.AttentionGradient(
                new Step.Attention(
                    g.scale(), g.causal(), in.get(0), in.get(1), in.get(2), mask, null),
                in.getLast(),
                results.get(0),
                results.get(1),
                results.get(2));
          }
          case AttentionOp.AttentionTangent _ ->
              throw new IllegalStateException("attention_tangent stands for its definition");
        });
    return steps;
  }

  /** A constant becomes one element with strides of 0, which the kernel makes use of. */
  private static View inMemory(View view, List<Step> steps) {
    if (view.slot().kind != Slot.Kind.CONSTANT) {
      return Step.Copy.inMemory(view, steps);
    }
    View element = View.constant(TensorType.of(view.dtype()), view.offset());
    return Step.Copy.toTemporary(element, steps).broadcast(view.shape(), List.of());
  }
}
