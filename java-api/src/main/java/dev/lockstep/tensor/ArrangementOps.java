package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Iota;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** The methods of {@link Tensor} that repeat, mirror or divide. */
final class ArrangementOps {
  private ArrangementOps() {}

  /** Broadcasts an axis of extent 1 before each axis, then joins the two. */
  static Tensor tile(Tensor x, long... counts) {
    int rank = Math.max(x.rank(), counts.length);
    if (Arrays.stream(counts).anyMatch(count -> count < 0)) {
      throw new ShapeException(
          "tile: counts must not be negative, got %s for %s"
              .formatted(Arrays.toString(counts), x.type()));
    }
    long[] single = new long[2 * rank];
    long[] repeated = new long[2 * rank];
    long[] joined = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      int own = axis - (rank - x.rank());
      int count = axis - (rank - counts.length);
      single[2 * axis] = 1;
      single[2 * axis + 1] = own < 0 ? 1 : x.shape().extent(own);
      repeated[2 * axis] = count < 0 ? 1 : counts[count];
      repeated[2 * axis + 1] = single[2 * axis + 1];
      joined[axis] = repeated[2 * axis] * repeated[2 * axis + 1];
    }
    return Trace.staged(() -> x.reshape(single).broadcastTo(repeated).reshape(joined));
  }

  static Tensor repeat(Tensor x, long count, int axis) {
    int along = RunningOps.axis("repeat", x, axis);
    if (count < 0) {
      throw new ShapeException(
          "repeat: the count must not be negative, got %d for %s".formatted(count, x.type()));
    }
    long[] joined = x.shape().extents();
    joined[along] *= count;
    Shape repeated = x.shape().insert(along + 1, count);
    return Trace.staged(
        () -> x.expandDims(along + 1).broadcastTo(repeated.extents()).reshape(joined));
  }

  /** Takes each entry as often as its count says. */
  static Tensor repeat(Tensor x, long[] counts, int axis) {
    int along = RunningOps.axis("repeat", x, axis);
    boolean negative = Arrays.stream(counts).anyMatch(count -> count < 0);
    if (negative || counts.length != x.shape().extent(along)) {
      throw new ShapeException(
          "repeat: expected a count of at least 0 for each entry along axis %d of %s, got %s"
              .formatted(along, x.type(), Arrays.toString(counts)));
    }
    long[] entries =
        LongStream.range(0, counts.length)
            .flatMap(entry -> LongStream.generate(() -> entry).limit(counts[(int) entry]))
            .toArray();
    return x.take(Tensor.of(entries), along);
  }

  static List<Tensor> split(Tensor x, int parts, int axis) {
    int along = RunningOps.axis("split", x, axis);
    long extent = x.shape().extent(along);
    if (parts < 1 || extent % parts != 0) {
      throw new ShapeException(
          "split: axis %d of %s does not divide into %d equal parts. Use splitAt(positions, axis)"
              .formatted(along, x.type(), parts));
    }
    long[] positions = new long[parts - 1];
    Arrays.setAll(positions, i -> (i + 1) * (extent / parts));
    return splitAt("split", x, positions, along);
  }

  static List<Tensor> splitAt(String op, Tensor x, long[] positions, int axis) {
    int along = RunningOps.axis(op, x, axis);
    long extent = x.shape().extent(along);
    long before = 0;
    for (long position : positions) {
      if (position < before || position > extent) {
        throw new ShapeException(
            "%s: positions must ascend from 0 to %d, the extent of axis %d of %s, got %s"
                .formatted(op, extent, along, x.type(), Arrays.toString(positions)));
      }
      before = position;
    }
    return Trace.stagedAll(() -> {
      List<Tensor> parts = new ArrayList<>();
      for (int i = 0; i <= positions.length; i++) {
        long[] start = new long[x.rank()];
        long[] limit = x.shape().extents();
        start[along] = i == 0 ? 0 : positions[i - 1];
        limit[along] = i == positions.length ? extent : positions[i];
        parts.add(x.slice(start, limit));
      }
      return parts;
    });
  }

  static Tensor rot90(Tensor x, int times) {
    if (x.rank() < 2) {
      throw new ShapeException("rot90: expected at least two axes, got " + x.type());
    }
    return switch (Math.floorMod(times, 4)) {
      case 1 -> Trace.staged(() -> x.flip(1).swapAxes(0, 1));
      case 2 -> x.flip(0, 1);
      case 3 -> Trace.staged(() -> x.swapAxes(0, 1).flip(1));
      default -> ElementwiseOps.same(x);
    };
  }

  /** Reads each axis at the indices that the mode maps those outside to. */
  static Tensor pad(Tensor x, long[] low, long[] high, PadMode mode) {
    if (low.length != x.rank() || high.length != x.rank()) {
      throw new ShapeException(
          "pad: expected %d widths before and behind, one an axis of %s, got %s and %s"
              .formatted(x.rank(), x.type(), Arrays.toString(low), Arrays.toString(high)));
    }
    for (int axis = 0; axis < x.rank(); axis++) {
      boolean empty = x.shape().extent(axis) == 0 && low[axis] + high[axis] > 0;
      if (low[axis] < 0 || high[axis] < 0 || empty) {
        throw new ShapeException(
            "pad: cannot put %d before and %d behind by %s along axis %d of %s"
                .formatted(low[axis], high[axis], mode, axis, x.type()));
      }
    }
    return Trace.staged(() -> {
      Tensor padded = x;
      for (int axis = 0; axis < low.length; axis++) {
        if (low[axis] + high[axis] > 0) {
          padded = padded.take(indices(x.shape().extent(axis), low[axis], high[axis], mode), axis);
        }
      }
      return padded;
    });
  }

  private static Tensor indices(long extent, long low, long high, PadMode mode) {
    TensorType type = TensorType.of(DType.I64, low + extent + high);
    Tensor position = Trace.bind(new Iota(type, 0)).sub(full(type, low));
    return switch (mode) {
      case EDGE -> position.maximum(full(type, 0)).minimum(full(type, extent - 1));
      case WRAP -> position.floorMod(full(type, extent));
      case REFLECT -> {
        Tensor period = full(type, Math.max(1, 2 * (extent - 1)));
        Tensor phase = position.floorMod(period);
        yield phase.minimum(period.sub(phase));
      }
      case SYMMETRIC -> {
        Tensor phase = position.floorMod(full(type, 2 * extent));
        yield phase.minimum(full(type, 2 * extent - 1).sub(phase));
      }
    };
  }

  private static Tensor full(TensorType type, long value) {
    return Trace.bind(new Full(type, value));
  }

  /** Returns each vector along its axis of one grid; the first two axes are exchanged if asked. */
  static List<Tensor> meshgrid(String op, boolean exchanged, Tensor... vectors) {
    long[] extents = new long[vectors.length];
    for (int i = 0; i < vectors.length; i++) {
      if (vectors[i].rank() != 1) {
        throw new ShapeException(
            "%s: expected vectors, got %s as argument %d".formatted(op, vectors[i].type(), i));
      }
      extents[axis(i, vectors.length, exchanged)] = vectors[i].size();
    }
    return Trace.stagedAll(() -> {
      List<Tensor> grids = new ArrayList<>();
      for (int i = 0; i < vectors.length; i++) {
        long[] aligned = ShapeOps.ones(vectors.length);
        aligned[axis(i, vectors.length, exchanged)] = vectors[i].size();
        grids.add(vectors[i].reshape(aligned).broadcastTo(extents));
      }
      return grids;
    });
  }

  private static int axis(int vector, int count, boolean exchanged) {
    return exchanged && count > 1 && vector < 2 ? 1 - vector : vector;
  }
}
