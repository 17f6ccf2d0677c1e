package dev.lockstep.bench.report;

import java.util.Arrays;
import java.util.OptionalLong;

/**
 * What one implementation of one workload took.
 *
 * @param workload its name in the table, such as {@code dot-f32}
 * @param implementation {@code lockstep}, {@code java-loop}, {@code jax} …
 * @param microseconds the mean time of a call in each round
 * @param peakBytes the most memory that a call held beyond its inputs, if that can be known
 */
public record Measurement(
    String workload, String implementation, double[] microseconds, OptionalLong peakBytes) {
  public Measurement {
    if (microseconds.length == 0) {
      throw new IllegalArgumentException(
          "measurement of %s by %s: no rounds".formatted(workload, implementation));
    }
    microseconds = microseconds.clone();
    Arrays.sort(microseconds);
  }

  public double median() {
    return percentile(50);
  }

  /** Returns the shortest round's time of a call. */
  public double shortest() {
    return microseconds[0];
  }

  /** Returns the percentile of the rounds, between two rounds by linear interpolation. */
  public double percentile(double percent) {
    double position = percent / 100 * (microseconds.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, microseconds.length - 1);
    double weight = position - below;
    return microseconds[below] * (1 - weight) + microseconds[above] * weight;
  }
}
