package dev.lockstep.compiler;

import dev.lockstep.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** A loop over a step's result, to be told over the step's own dimensions. */
record ResultLoop(View result, Step.Loop loop) {
  /**
   * The result where it is computed, and the loop as an epilogue.
   *
   * @param result over the epilogue's dimensions
   */
  record Fused(View result, Step.Loop epilogue) {}

  /** Returns how the loop reads the result, or null if it does so in several ways. */
  View read() {
    View read = null;
    for (View input : loop.inputs()) {
      if (input.slot() == result.slot()) {
        if (input.offset() != result.offset() || read != null && !read.sameAs(input)) {
          return null;
        }
        read = input;
      }
    }
    return read;
  }

  /** Returns the loop's inputs and results. */
  List<View> operands() {
    List<View> operands = new ArrayList<>(loop.inputs());
    operands.addAll(loop.writes());
    return operands;
  }

  /**
   * @param own the result's strides over the dimensions
   * @param strides those of each operand
   * @param home the operand, a result of the loop, in whose place the step's result is computed; -1
   *     if it keeps its own place
   */
  Fused over(long[] extents, long[] own, List<long[]> strides, int home) {
    List<View> views = new ArrayList<>();
    for (int i = 0; i < strides.size(); i++) {
      views.add(over(operands().get(i), extents, strides.get(i)));
    }
    View computed = home < 0 ? over(result, extents, own) : views.get(home);
    List<View> inputs = new ArrayList<>(views.subList(0, loop.inputs().size()));
    inputs.replaceAll(input -> input.slot() == result.slot() ? computed : input);
    List<Step.Result> results = new ArrayList<>();
    for (int i = 0; i < loop.results().size(); i++) {
      View to = views.get(inputs.size() + i);
      results.add(new Step.Result(to, loop.results().get(i).value(), 0));
    }
    return new Fused(computed, new Step.Loop(extents, 0, inputs, loop.instructions(), results));
  }

  private static View over(View view, long[] extents, long[] strides) {
    return new View(view.slot(), view.dtype(), Shape.of(extents), view.offset(), strides);
  }
}
