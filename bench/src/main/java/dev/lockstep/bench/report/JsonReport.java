package dev.lockstep.bench.report;

import java.util.Locale;
import java.util.stream.Collectors;

/** The results as JSON: one object a workload and implementation. */
public final class JsonReport {
  private JsonReport() {}

  public static String of(Results results) {
    return results.measurements().stream()
        .map(JsonReport::object)
        .collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n"));
  }

  private static String object(Measurement m) {
    return String.format(
        Locale.ROOT,
        "{\"workload\": \"%s\", \"impl\": \"%s\", \"median_us\": %.3f, \"p10_us\": %.3f,"
            + " \"p90_us\": %.3f, \"peak_bytes\": %s}",
        m.workload(),
        m.implementation(),
        m.median(),
        m.percentile(10),
        m.percentile(90),
        m.peakBytes().isPresent() ? Long.toString(m.peakBytes().getAsLong()) : "null");
  }
}
