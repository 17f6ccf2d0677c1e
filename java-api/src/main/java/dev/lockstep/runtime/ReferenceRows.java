package dev.lockstep.runtime;

import dev.lockstep.program.primitive.Cumulative;
import dev.lockstep.program.primitive.Ordering;
import dev.lockstep.tensor.DType;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Ops of the reference backend that go along the last axis. */
final class ReferenceRows {
  private ReferenceRows() {}

  static List<HostArray> sort(Ordering.Sort op, HostArray keys) {
    HostArray values = new HostArray(keys.type());
    HostArray indices = new HostArray(keys.type().with(DType.I32));
    int n = rowLength(keys);
    Comparator<Integer> ascending =
        keys.dtype().isFloating()
            // Adding 0 makes -0 equal to 0.
            ? Comparator.comparingDouble(i -> keys.floating(i) + 0.0)
            : Comparator.comparingLong(keys::whole);
    for (int row = 0; row < keys.size(); row += n) {
      List<Integer> order =
          IntStream.range(row, row + n)
              .boxed()
              .sorted(op.descending() ? ascending.reversed() : ascending)
              .toList();
      for (int i = 0; i < n; i++) {
        values.copy(row + i, keys, order.get(i));
        indices.set(row + i, (long) order.get(i) - row);
      }
    }
    return List.of(values, indices);
  }

  static HostArray accumulate(Cumulative op, HostArray x) {
    HostArray result = new HostArray(x.type());
    int n = rowLength(x);
    for (int row = 0; row < x.size(); row += n) {
      for (int step = 0; step < n; step++) {
        int i = op.reverse() ? row + n - 1 - step : row + step;
        int before = op.reverse() ? i + 1 : i - 1;
        if (step == 0) {
          result.copy(i, x, i);
        } else if (x.dtype().isFloating()) {
          result.set(i, op.reference(result.floating(before), x.floating(i)));
        } else {
          result.set(i, op.reference(result.whole(before), x.whole(i)));
        }
      }
    }
    return result;
  }

  private static int rowLength(HostArray x) {
    int rank = x.type().shape().rank();
    return rank == 0 ? 1 : Math.toIntExact(x.type().shape().extent(rank - 1));
  }
}
