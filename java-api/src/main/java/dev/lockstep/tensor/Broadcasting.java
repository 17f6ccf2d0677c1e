package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import java.util.ArrayList;
import java.util.List;

/** NumPy's broadcasting: shapes are aligned at their last axes, and extents of 1 repeat. */
final class Broadcasting {
  private Broadcasting() {}

  /**
   * Returns the shape that all operands of {@code op} broadcast to.
   *
   * @throws ShapeException if there is none
   */
  static Shape shape(String op, Tensor... operands) {
    int rank = 0;
    for (Tensor operand : operands) {
      rank = Math.max(rank, operand.rank());
    }
    long[] extents = new long[rank];
    for (int fromEnd = 1; fromEnd <= rank; fromEnd++) {
      long extent = 1;
      for (Tensor operand : operands) {
        long own = fromEnd(operand.shape(), fromEnd);
        if (own != 1 && extent != 1 && own != extent) {
          throw new ShapeException(message(op, fromEnd, extent, own, operands));
        }
        extent = extent == 1 ? own : extent;
      }
      extents[rank - fromEnd] = extent;
    }
    return Shape.of(extents);
  }

  /** Returns {@code x} repeated to a shape that it broadcasts to. */
  static Tensor to(Tensor x, Shape shape) {
    if (x.shape().equals(shape)) {
      return x;
    }
    int missing = shape.rank() - x.rank();
    List<Integer> axes = new ArrayList<>(x.rank());
    for (int axis = missing; axis < shape.rank(); axis++) {
      axes.add(axis);
    }
    return Trace.bind(new BroadcastInDim(shape, axes), x);
  }

  private static long fromEnd(Shape shape, int fromEnd) {
    return fromEnd > shape.rank() ? 1 : shape.extent(shape.rank() - fromEnd);
  }

  private static String message(
      String op, int fromEnd, long extent, long other, Tensor... operands) {
    StringBuilder types = new StringBuilder();
    for (int i = 0; i < operands.length; i++) {
      types.append(i == 0 ? "" : i == operands.length - 1 ? " and " : ", ");
      types.append(operands[i].type());
    }
    return "%s: shapes do not broadcast: %s (axis -%d: %d against %d).%s"
        .formatted(op, types, fromEnd, extent, other, hint(operands));
  }

  private static String hint(Tensor... operands) {
    if (operands.length != 2) {
      return "";
    }
    boolean firstIsSmaller = operands[0].rank() < operands[1].rank();
    Shape small = operands[firstIsSmaller ? 0 : 1].shape();
    Shape large = operands[firstIsSmaller ? 1 : 0].shape();
    boolean alignedAtFront =
        small.rank() == 1 && large.rank() == 2 && small.extent(0) == large.extent(0);
    return alignedAtFront
        ? " Axes are aligned from the last one; expandDims(1) aligns the %s operand with rows."
            .formatted(firstIsSmaller ? "first" : "second")
        : "";
  }
}
