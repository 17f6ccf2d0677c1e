package dev.lockstep.demo;

import dev.lockstep.tensor.NativeMemory;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Several ways to compute the same; the first is the reference for values and times. */
final class Comparison {
  private final boolean memory;
  private final Table table;
  private Tensor reference;
  private double referenceTime;

  private Comparison(boolean memory, String... headings) {
    this.memory = memory;
    this.table = new Table(headings);
  }

  static Comparison ofTimes() {
    return new Comparison(false, "way", "result", "first elements", "time", "speed-up");
  }

  static Comparison ofTimesAndMemory() {
    return new Comparison(
        true, "way", "result", "first elements", "time", "speed-up", "peak memory");
  }

  /** Runs one way, checks its result against the first way's, and measures it. */
  void add(String way, Supplier<Tensor> call) {
    Tensor result = call.get();
    double time = Timing.microseconds(call);
    if (reference == null) {
      reference = result;
      referenceTime = time;
    }
    Demo.require(difference(reference, result) <= 1e-4, way + " differs from the first way");
    List<String> cells = new ArrayList<>();
    cells.add(way);
    cells.add(result.type().toString());
    cells.add(firstElements(result));
    cells.add(Timing.print(time));
    cells.add(Timing.ratio(referenceTime, time));
    if (memory) {
      cells.add(String.format(Locale.ROOT, "%.2f MB", peakBytes(call) / 1e6));
    }
    table.row(cells.toArray(String[]::new));
  }

  void print() {
    table.print();
  }

  /** Returns the largest difference between the elements of two tensors of the same shape. */
  static double difference(Tensor a, Tensor b) {
    Demo.require(a.type().equals(b.type()), a.type() + " and " + b.type());
    return a.sub(b).abs().max().item();
  }

  private static String firstElements(Tensor tensor) {
    double[] values = tensor.toDoubleArray();
    String format = tensor.dtype().isFloating() ? "%.4f %.4f ..." : "%.0f %.0f ...";
    return String.format(Locale.ROOT, format, values[0], values[1]);
  }

  /** Returns the most native memory that was in use during a call beyond what was before it. */
  private static long peakBytes(Supplier<Tensor> call) {
    NativeMemory.collect();
    NativeMemory.resetPeak();
    long before = NativeMemory.statistics().live();
    call.get().close();
    return NativeMemory.statistics().peak() - before;
  }
}
