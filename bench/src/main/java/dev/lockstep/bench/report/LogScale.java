package dev.lockstep.bench.report;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Maps values onto pixels by their logarithm. */
record LogScale(double low, double high, int pixels) {
  /** Returns a scale of all values with a margin of a twentieth on both sides. */
  static LogScale of(List<double[]> values, int pixels) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double[] line : values) {
      for (double value : line) {
        low = Math.min(low, Math.log10(value));
        high = Math.max(high, Math.log10(value));
      }
    }
    double margin = Math.max((high - low) / 18, 0.01);
    return new LogScale(low - margin, high + margin, pixels);
  }

  /** Returns the scale of whole powers of ten around all values. */
  static LogScale ofDecades(DoubleStream values, int pixels) {
    double[] sorted = values.sorted().toArray();
    double low = Math.floor(Math.log10(sorted[0]) - 0.05);
    double high = Math.ceil(Math.log10(sorted[sorted.length - 1]) + 0.05);
    return new LogScale(low, high, pixels);
  }

  double position(double value) {
    return (Math.log10(value) - low) / (high - low) * pixels;
  }

  /** Returns 1, 2 and 5 times the powers of ten inside, or only the powers where there are many. */
  double[] ticks() {
    double[] factors = high - low < 2.5 ? new double[] {1, 2, 5} : new double[] {1};
    return IntStream.rangeClosed((int) Math.floor(low), (int) Math.ceil(high))
        .boxed()
        .flatMapToDouble(p -> DoubleStream.of(factors).map(f -> f * Math.pow(10, p)))
        .filter(v -> Math.log10(v) >= low - 1e-9 && Math.log10(v) <= high + 1e-9)
        .toArray();
  }
}
