package dev.lockstep.compiler;

import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Turns reads and writes at computed places into steps over batch, index and window dimensions. */
final class IndexingLowering {
  private IndexingLowering() {}

  /** Returns the steps that read {@code operands}: x, then the indices. */
  static List<Step> gather(Indexing.Gather op, List<View> operands, View result) {
    List<Step> steps = new ArrayList<>();
    View x = Step.Copy.inMemory(operands.getFirst(), steps);
    List<View> indices = operands.subList(1, operands.size());
    Shape loop = result.shape();
    double missing = op.bounds() == Indexing.Bounds.NAN ? Double.NaN : 0;
    steps.add(
        new Step.Gather(
            op.bounds(),
            Bits.of(x.dtype(), missing),
            windows(op, x, indices, loop),
            result,
            indices.stream().map(index -> alongWindows(index, loop)).toList(),
            indexed(op, x, true),
            indexed(op, x, false)));
    return steps;
  }

  /** Returns the steps that write {@code operands}: x, then the indices, then the updates. */
  static List<Step> scatter(Indexing.Scatter op, List<View> operands, View result) {
    List<Step> steps = new ArrayList<>();
    steps.add(Step.Copy.of(operands.getFirst(), result));
    View updates = Step.Copy.inMemory(operands.getLast(), steps);
    List<View> indices = operands.subList(1, operands.size() - 1);
    Shape loop = updates.shape();
    steps.add(
        new Step.Scatter(
            op.bounds(),
            op.mode(),
            updates,
            windows(op, result, indices, loop),
            indices.stream().map(index -> alongWindows(index, loop)).toList(),
            indexed(op, result, true),
            indexed(op, result, false)));
    return steps;
  }

  /** Returns the tensor over the loop, standing still along the index dimensions. */
  private static View windows(Indexing op, View x, List<View> indices, Shape loop) {
    long[] strides = new long[loop.rank()];
    System.arraycopy(x.strides(), 0, strides, 0, op.batch());
    int firstWindow = indices.getFirst().shape().rank();
    int from = op.batch() + op.indexed();
    System.arraycopy(x.strides(), from, strides, firstWindow, loop.rank() - firstWindow);
    return new View(x.slot(), x.dtype(), loop, x.offset(), strides);
  }

  private static View alongWindows(View index, Shape loop) {
    long[] strides = new long[loop.rank()];
    System.arraycopy(index.strides(), 0, strides, 0, index.strides().length);
    return new View(index.slot(), index.dtype(), loop, index.offset(), strides);
  }

  /** Returns the extents or the strides of the indexed axes. */
  private static long[] indexed(Indexing op, View x, boolean extents) {
    long[] result = new long[op.indexed()];
    for (int i = 0; i < result.length; i++) {
      int axis = op.batch() + i;
      result[i] = extents ? x.shape().extent(axis) : x.strides()[axis];
    }
    return result;
  }
}
