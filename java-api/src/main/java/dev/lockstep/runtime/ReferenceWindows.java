package dev.lockstep.runtime;

import dev.lockstep.program.primitive.Windowed;
import dev.lockstep.program.primitive.Windowing;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;

/** Ops on windows in plain Java. */
final class ReferenceWindows {
  private ReferenceWindows() {}

  static HostArray apply(Windowed op, HostArray x, TensorType type) {
    HostArray result = new HostArray(type);
    Windowing windowing = op.windowing();
    switch (op) {
      case Windowed.Windows _ -> {
        for (int i = 0; i < result.size(); i++) {
          result.copy(i, x, x.position(windowing.source(result.index(i))));
        }
      }
      case Windowed.Fold _ -> {
        for (int i = 0; i < x.size(); i++) {
          int to = result.position(windowing.source(x.index(i)));
          if (type.dtype().isFloating()) {
            result.set(to, result.floating(to) + x.floating(i));
          } else {
            result.set(to, result.whole(to) + x.whole(i));
          }
        }
      }
      case Windowed.Extreme extreme -> combine(extreme, x, result);
    }
    return result;
  }

  private static void combine(Windowed.Extreme op, HostArray x, HostArray result) {
    TensorType all = new TensorType(DType.BOOL, op.windowing().windows(x.type().shape()));
    HostArray windows = new HostArray(all);
    int within = result.size() == 0 ? 1 : windows.size() / result.size();
    for (int i = 0; i < windows.size(); i++) {
      int from = x.position(op.windowing().source(windows.index(i)));
      int to = i / within;
      if (i % within == 0) {
        result.copy(to, x, from);
      } else if (x.dtype().isFloating()) {
        result.set(to, op.reference(result.floating(to), x.floating(from)));
      } else {
        result.set(to, op.reference(result.whole(to), x.whole(from)));
      }
    }
  }
}
