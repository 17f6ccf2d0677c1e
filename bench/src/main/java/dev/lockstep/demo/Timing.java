package dev.lockstep.demo;

import dev.lockstep.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/** Measures calls: the median of several rounds after a warm-up. */
final class Timing {
  private static final int ROUNDS = 15;
  private static final long WARM_UP_NANOSECONDS = 100_000_000;
  private static final long ROUND_NANOSECONDS = 4_000_000;

  private Timing() {}

  /** Returns the median time of a call in microseconds; each result is closed. */
  static double microseconds(Supplier<Tensor> call) {
    long calls = 0;
    long start = System.nanoTime();
    while (calls < 3 || System.nanoTime() - start < WARM_UP_NANOSECONDS) {
      call.get().close();
      calls++;
    }
    long mean = (System.nanoTime() - start) / calls;
    long perRound = Math.max(1, ROUND_NANOSECONDS / Math.max(1, mean));
    double[] rounds = new double[ROUNDS];
    Arrays.setAll(rounds, _ -> round(call, perRound));
    Arrays.sort(rounds);
    return rounds[ROUNDS / 2];
  }

  private static double round(Supplier<Tensor> call, long calls) {
    long start = System.nanoTime();
    for (long i = 0; i < calls; i++) {
      call.get().close();
    }
    return (System.nanoTime() - start) / (1000.0 * calls);
  }

  /** Returns the time with three digits and its unit. */
  static String print(double microseconds) {
    return microseconds < 1000
        ? String.format(Locale.ROOT, "%.3g us", microseconds)
        : String.format(Locale.ROOT, "%.3g ms", microseconds / 1000);
  }

  /** Returns how many times shorter {@code time} is than {@code reference}. */
  static String ratio(double reference, double time) {
    return String.format(Locale.ROOT, "%.1fx", reference / time);
  }
}
