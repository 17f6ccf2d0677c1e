package dev.lockstep.demo;

import dev.lockstep.tensor.Tensor;
import java.util.Locale;
import java.util.function.Supplier;

/** Times several ways to compute the same: the first is the reference for values and times. */
final class Comparison {
  private final Table table = new Table("way", "result", "first elements", "time", "speed-up");
  private Tensor reference;
  private double referenceTime;

  void add(String way, Supplier<Tensor> call) {
    Tensor result = call.get();
    double time = Timing.microseconds(call);
    if (reference == null) {
      reference = result;
      referenceTime = time;
    }
    Demo.require(difference(reference, result) <= 1e-4, way + " differs from the loop");
    table.row(
        way,
        result.type().toString(),
        firstElements(result),
        Timing.print(time),
        Timing.ratio(referenceTime, time));
  }

  void print() {
    table.print();
  }

  /** Returns the largest difference between the elements of two tensors of the same shape. */
  static double difference(Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape())) {
      throw new IllegalStateException("shapes %s and %s".formatted(a.shape(), b.shape()));
    }
    return a.sub(b).abs().max().item();
  }

  private static String firstElements(Tensor tensor) {
    double[] values = tensor.toDoubleArray();
    String format = tensor.dtype().isFloating() ? "%.4f" : "%.0f";
    return String.format(Locale.ROOT, format + " " + format + " …", values[0], values[1]);
  }
}
