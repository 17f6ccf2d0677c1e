package dev.lockstep.bench.report;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Under which conditions was measured.
 *
 * @param machine processor, cores and memory
 * @param date when
 * @param command how to repeat it
 * @param rounds how many rounds each median is over
 * @param versions of what was measured, by name
 * @param missing what could not be measured, and why
 */
public record Conditions(
    String machine,
    String date,
    String command,
    int rounds,
    Map<String, String> versions,
    List<String> missing) {
  /** Returns the versions in a line. */
  String versionList() {
    return versions.entrySet().stream()
        .map(version -> version.getKey() + " " + version.getValue())
        .collect(Collectors.joining(", "));
  }
}
