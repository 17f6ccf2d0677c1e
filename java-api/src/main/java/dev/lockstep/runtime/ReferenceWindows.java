package dev.lockstep.runtime;

import dev.lockstep.program.primitive.Windowed;
import dev.lockstep.program.primitive.Windowing;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/** Ops on windows in plain Java. */
final class ReferenceWindows {
  private ReferenceWindows() {}

  static HostArray apply(Windowed op, List<HostArray> operands, TensorType type) {
    HostArray x = operands.getFirst();
    HostArray result = new HostArray(type);
    switch (op) {
      case Windowed.Extreme extreme -> {
        int[] places = places(op.windowing(), extreme.least(), x);
        for (int i = 0; i < result.size(); i++) {
          if (places[i] >= 0) {
            result.copy(i, x, places[i]);
          } else {
            setWorst(result, i, extreme.least());
          }
        }
      }
      case Windowed.WindowTake take -> {
        int[] places = places(op.windowing(), take.least(), x);
        for (int i = 0; i < result.size(); i++) {
          if (places[i] >= 0) {
            result.copy(i, operands.get(1), places[i]);
          }
        }
      }
      case Windowed.WindowPut put -> {
        int[] places = places(op.windowing(), put.least(), x);
        for (int i = 0; i < places.length; i++) {
          if (places[i] >= 0) {
            double sum = result.floating(places[i]) + operands.get(1).floating(i);
            result.set(places[i], sum);
          }
        }
      }
      case Windowed.WindowMean mean -> {
        int[] elements = elements(op.windowing(), x.type().shape());
        double[] counts = counts(op.windowing(), mean.countPadding(), elements, result.size());
        double[] sums = new double[result.size()];
        for (int i = 0; i < elements.length; i++) {
          sums[windowOf(i, elements, sums)] += elements[i] < 0 ? 0 : x.floating(elements[i]);
        }
        for (int i = 0; i < sums.length; i++) {
          result.set(i, sums[i] / counts[i]);
        }
      }
      case Windowed.WindowSpread spread -> {
        int[] elements = elements(op.windowing(), type.shape());
        double[] counts = counts(op.windowing(), spread.countPadding(), elements, x.size());
        for (int i = 0; i < elements.length; i++) {
          int window = windowOf(i, elements, counts);
          if (elements[i] >= 0) {
            double share = x.floating(window) / counts[window];
            result.set(elements[i], result.floating(elements[i]) + share);
          }
        }
      }
    }
    return result;
  }

  /** Returns where each element of each window stands, window by window; -1 for padding. */
  private static int[] elements(Windowing windowing, Shape shape) {
    HostArray windows = new HostArray(new TensorType(DType.BOOL, windowing.windows(shape)));
    HostArray whole = new HostArray(new TensorType(DType.BOOL, shape));
    int[] elements = new int[windows.size()];
    for (int i = 0; i < elements.length; i++) {
      long[] source = windowing.source(windows.index(i));
      boolean inside = true;
      for (int axis = 0; axis < source.length; axis++) {
        inside &= source[axis] >= 0 && source[axis] < shape.extent(axis);
      }
      elements[i] = inside ? whole.position(source) : -1;
    }
    return elements;
  }

  private static int windowOf(int element, int[] elements, double[] windows) {
    return element / (elements.length / windows.length);
  }

  private static double[] counts(
      Windowing windowing, boolean countPadding, int[] elements, int windows) {
    double[] counts = new double[windows];
    if (countPadding) {
      Arrays.fill(counts, windowing.window().stream().reduce(1L, (a, b) -> a * b));
    } else {
      for (int i = 0; i < elements.length; i++) {
        counts[windowOf(i, elements, counts)] += elements[i] < 0 ? 0 : 1;
      }
    }
    return counts;
  }

  /** Returns where the extreme element of each window stands, -1 in windows of padding alone. */
  private static int[] places(Windowing windowing, boolean least, HostArray x) {
    int[] elements = elements(windowing, x.type().shape());
    int[] places = new int[Math.toIntExact(windowing.positions(x.type().shape()).size())];
    Arrays.fill(places, -1);
    for (int i = 0; i < elements.length; i++) {
      int window = i / (elements.length / places.length);
      if (elements[i] >= 0
          && (places[window] < 0 || better(x, elements[i], places[window], least))) {
        places[window] = elements[i];
      }
    }
    return places;
  }

  private static boolean better(HostArray x, int candidate, int best, boolean least) {
    if (!x.dtype().isFloating()) {
      return least ? x.whole(candidate) < x.whole(best) : x.whole(candidate) > x.whole(best);
    }
    double c = x.floating(candidate);
    double b = x.floating(best);
    return !Double.isNaN(b) && (Double.isNaN(c) || (least ? c < b : c > b));
  }

  private static void setWorst(HostArray result, int i, boolean least) {
    switch (result.dtype()) {
      case I32 -> result.set(i, (long) (least ? Integer.MAX_VALUE : Integer.MIN_VALUE));
      case I64 -> result.set(i, least ? Long.MAX_VALUE : Long.MIN_VALUE);
      default -> result.set(i, least ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY);
    }
  }
}
