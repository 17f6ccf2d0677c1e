package dev.lockstep.runtime;

import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/** Reads and writes at computed places, for the reference backend. */
final class ReferenceIndexing {
  private static final int NOWHERE = -1;

  private ReferenceIndexing() {}

  static HostArray apply(Indexing op, List<HostArray> operands, TensorType type) {
    return switch (op) {
      case Indexing.Gather gather -> gather(gather, operands, type);
      case Indexing.Scatter scatter -> scatter(scatter, operands, type);
    };
  }

  private static HostArray gather(Indexing.Gather op, List<HostArray> operands, TensorType type) {
    HostArray x = operands.getFirst();
    HostArray result = new HostArray(type);
    for (int i = 0; i < result.size(); i++) {
      int from = place(op, operands, result.index(i));
      if (from != NOWHERE) {
        result.copy(i, x, from);
      } else if (op.bounds() == Indexing.Bounds.NAN && type.dtype().isFloating()) {
        result.set(i, Double.NaN);
      }
    }
    return result;
  }

  private static HostArray scatter(Indexing.Scatter op, List<HostArray> operands, TensorType type) {
    HostArray updates = operands.getLast();
    HostArray result = new HostArray(type);
    for (int i = 0; i < result.size(); i++) {
      result.copy(i, operands.getFirst(), i);
    }
    for (int i = 0; i < updates.size(); i++) {
      int to = place(op, operands, updates.index(i));
      if (to != NOWHERE) {
        write(op.mode(), result, to, updates, i);
      }
    }
    return result;
  }

  private static void write(
      Indexing.Scatter.Mode mode, HostArray result, int to, HostArray updates, int i) {
    if (mode == Indexing.Scatter.Mode.SET) {
      result.copy(to, updates, i);
    } else if (result.dtype().isFloating()) {
      double x = result.floating(to);
      double u = updates.floating(i);
      result.set(
          to,
          switch (mode) {
            case SET -> u;
            case ADD -> x + u;
            case MUL -> x * u;
            case MIN -> Math.min(x, u);
            case MAX -> Math.max(x, u);
          });
    } else {
      long x = result.whole(to);
      long u = updates.whole(i);
      boolean isBool = result.dtype() == DType.BOOL;
      result.set(
          to,
          switch (mode) {
            case SET -> u;
            case ADD -> isBool ? x | u : x + u;
            case MUL -> x * u;
            case MIN -> Math.min(x, u);
            case MAX -> Math.max(x, u);
          });
    }
  }

  /** Returns the position in x of the element at {@code index} among the windows, or NOWHERE. */
  private static int place(Indexing op, List<HostArray> operands, long[] index) {
    HostArray x = operands.getFirst();
    int indexAxes = operands.get(1).type().shape().rank();
    long[] atIndices = Arrays.copyOf(index, indexAxes);
    long[] place = new long[x.type().shape().rank()];
    System.arraycopy(index, 0, place, 0, op.batch());
    for (int i = 0; i < op.indexed(); i++) {
      HostArray indices = operands.get(1 + i);
      long extent = x.type().shape().extent(op.batch() + i);
      long at = indices.whole(indices.position(atIndices));
      if (extent == 0 || ((at < 0 || at >= extent) && op.bounds() != Indexing.Bounds.CLAMP)) {
        return NOWHERE;
      }
      place[op.batch() + i] = Math.clamp(at, 0, extent - 1);
    }
    int window = op.batch() + op.indexed();
    System.arraycopy(index, indexAxes, place, window, place.length - window);
    return x.position(place);
  }
}
