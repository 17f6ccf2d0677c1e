import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * What the peers on the JVM share; bench/peers/peer.py tells the protocol. A workload is a supplier
 * of the code that runs it once.
 */
final class Protocol {
  private static final double WARMUP_SECONDS = 0.5;

  private Protocol() {}

  /** Answers lines until standard input ends. */
  static void serve(String peer, String version, Map<String, Supplier<Runnable>> workloads)
      throws IOException {
    System.out.printf("{\"peer\": \"%s\", \"version\": \"%s\"}%n", peer, version);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String prepared = null;
    Runnable run = null;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ");
      if (!workloads.containsKey(words[0])) {
        System.out.printf("{\"unknown\": \"%s\"}%n", words[0]);
        continue;
      }
      if (!words[0].equals(prepared)) {
        prepared = words[0];
        run = workloads.get(prepared).get();
        microseconds(run, WARMUP_SECONDS);
      }
      double seconds = Double.parseDouble(words[1]);
      if (seconds == 0) {
        System.out.println("{\"us\": null, \"peak_bytes\": null}");
      } else {
        System.out.printf(
            Locale.ROOT, "{\"us\": %.3f, \"peak_bytes\": null}%n", microseconds(run, seconds));
      }
    }
  }

  /** Returns the mean time of a call over calls that take about so many seconds. */
  private static double microseconds(Runnable run, double seconds) {
    long calls = 0;
    long batch = 1;
    long start = System.nanoTime();
    while (true) {
      for (long i = 0; i < batch; i++) {
        run.run();
      }
      calls += batch;
      double elapsed = (System.nanoTime() - start) * 1e-9;
      if (elapsed >= seconds) {
        return elapsed / calls * 1e6;
      }
      batch = Math.max(1, (long) Math.min(calls, 0.5 * (seconds - elapsed) * calls / elapsed));
    }
  }

  /** Returns values spread evenly over [-1, 1). */
  static float[] uniform(int size) {
    SplittableRandom random = new SplittableRandom(0);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
