package dev.lockstep.runtime;

import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Sums of products in plain Java. */
final class ReferenceContraction {
  private ReferenceContraction() {}

  static HostArray apply(DotGeneral op, List<HostArray> operands, TensorType type) {
    HostArray left = operands.get(0);
    HostArray right = operands.get(1);
    int leftRank = left.type().shape().rank();
    int rightRank = right.type().shape().rank();
    List<Integer> leftFree = DotGeneral.free(leftRank, op.leftContract(), op.leftBatch());
    List<Integer> rightFree = DotGeneral.free(rightRank, op.rightContract(), op.rightBatch());
    long[] extents = op.leftContract().stream().mapToLong(left.type().shape()::extent).toArray();
    HostArray contracted = new HostArray(new TensorType(DType.BOOL, Shape.of(extents)));
    int batch = op.leftBatch().size();
    HostArray result = new HostArray(type);
    for (int i = 0; i < result.size(); i++) {
      long[] index = result.index(i);
      long[] leftIndex = new long[leftRank];
      long[] rightIndex = new long[rightRank];
      place(index, 0, op.leftBatch(), leftIndex);
      place(index, 0, op.rightBatch(), rightIndex);
      place(index, batch, leftFree, leftIndex);
      place(index, batch + leftFree.size(), rightFree, rightIndex);
      double sum = 0;
      long wholeSum = 0;
      for (int k = 0; k < contracted.size(); k++) {
        place(contracted.index(k), 0, op.leftContract(), leftIndex);
        place(contracted.index(k), 0, op.rightContract(), rightIndex);
        int a = left.position(leftIndex);
        int b = right.position(rightIndex);
        switch (type.dtype()) {
          case F32, F64, BF16 -> sum += left.floating(a) * right.floating(b);
          case I32, I64 -> wholeSum += left.whole(a) * right.whole(b);
          case BOOL -> wholeSum |= left.whole(a) & right.whole(b);
        }
      }
      if (type.dtype().isFloating()) {
        result.set(i, sum);
      } else {
        result.set(i, wholeSum);
      }
    }
    return result;
  }

  /** Writes the part of {@code index} that begins at {@code from} to these axes of {@code to}. */
  private static void place(long[] index, int from, List<Integer> axes, long[] to) {
    for (int i = 0; i < axes.size(); i++) {
      to[axes.get(i)] = index[from + i];
    }
  }
}
