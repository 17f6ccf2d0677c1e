package dev.lockstep.compiler;

import dev.lockstep.compiler.CommonDimensions.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A convolution and a loop over its result as one step, over the convolution's dimensions. */
final class ConvolutionEpilogue {
  private ConvolutionEpilogue() {}

  /**
   * Returns the one step, or null if the loop does not walk the result's elements in pairs along
   * the convolution's dimensions.
   *
   * @param resultIsFree whether nothing but the loop reads the convolution's result, so that it
   *     need not be kept
   */
  static Step.Convolve fuse(Step.Convolve conv, Step.Loop loop, boolean resultIsFree) {
    ResultLoop over = new ResultLoop(conv.y(), loop);
    View read = over.read();
    if (read == null) {
      return null;
    }
    long[] extents = conv.y().shape().extents();
    List<Piece> pieces =
        CommonDimensions.of(extents, conv.y().strides(), loop.extents(), read.strides());
    if (pieces == null) {
      return null;
    }
    List<long[]> strides = new ArrayList<>();
    for (View operand : over.operands()) {
      long[] joined = joined(operand, pieces, extents);
      if (joined == null) {
        return null;
      }
      strides.add(joined);
    }
    int home = resultIsFree ? inPlace(conv.y(), loop, strides) : -1;
    ResultLoop.Fused fused = over.over(extents, conv.y().strides(), strides, home);
    return new Step.Convolve(
        conv.kind(),
        conv.groups(),
        conv.x(),
        conv.w(),
        fused.result(),
        conv.strides(),
        conv.dilation(),
        conv.low(),
        fused.epilogue());
  }

  /**
   * Returns an operand's strides along the convolution's dimensions, those of one element having
   * any, or null if it does not walk one of them as one.
   */
  private static long[] joined(View operand, List<Piece> pieces, long[] extents) {
    long[] strides = new long[extents.length];
    Arrays.fill(strides, 1);
    boolean[] known = new boolean[extents.length];
    for (Piece piece : pieces.reversed()) {
      int dimension = piece.first();
      long stride = operand.strides()[piece.second()] * piece.secondSteps();
      if (!known[dimension]) {
        strides[dimension] = stride;
        known[dimension] = true;
      } else if (stride != strides[dimension] * piece.firstSteps()) {
        return null;
      }
    }
    return strides;
  }

  /**
   * Returns the operand whose memory can hold the result too, rather one that is laid out alike.
   */
  private static int inPlace(View result, Step.Loop loop, List<long[]> strides) {
    int found = -1;
    for (int i = loop.results().size() - 1; i >= 0; i--) {
      int operand = loop.inputs().size() + i;
      View to = loop.results().get(i).to();
      boolean alike = Arrays.equals(strides.get(operand), result.strides());
      boolean ordered = Arrays.stream(strides.get(operand)).allMatch(stride -> stride > 0);
      if (to.dtype() == result.dtype() && ordered && (alike || found < 0)) {
        found = operand;
      }
    }
    return found;
  }
}
