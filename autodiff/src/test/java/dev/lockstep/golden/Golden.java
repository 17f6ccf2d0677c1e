package dev.lockstep.golden;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * Runs all golden cases of a folder on the native backend and prints what differs. The folder is
 * the system property {@code golden.dir}, else the one among the test resources.
 */
public final class Golden {
  private Golden() {}

  /** Exits with 1 if a case fails or there is none. */
  public static void main(String[] arguments) throws IOException {
    String folder = System.getProperty("golden.dir", "");
    GoldenReport report = run(folder.isBlank() ? resources() : Path.of(folder), System.out);
    System.out.println(report.lastLine());
    System.exit(report.failed() > 0 || report.cases() == 0 ? 1 : 0);
  }

  /** Runs the cases of all files in name order. */
  static GoldenReport run(Path folder, PrintStream out) throws IOException {
    int passed = 0;
    int failed = 0;
    int unsupported = 0;
    TreeMap<String, Integer> missing = new TreeMap<>();
    for (GoldenCase golden : GoldenFiles.read(folder)) {
      SortedSet<String> names = Unsupported.in(golden);
      if (!names.isEmpty()) {
        unsupported++;
        names.forEach(name -> missing.merge(name, 1, Integer::sum));
        continue;
      }
      List<String> differences = GoldenRun.differences(golden);
      if (differences.isEmpty()) {
        passed++;
      } else {
        failed++;
        out.println("FAILED " + golden.file() + " " + golden.name());
        differences.forEach(difference -> out.println("  " + difference));
      }
    }
    missing.forEach(
        (name, count) -> out.println("unsupported: %s in %d cases".formatted(name, count)));
    return new GoldenReport(passed, failed, unsupported, missing);
  }

  /** Returns the folder of golden files among the test resources. */
  static Path resources() {
    try {
      URI folder = Golden.class.getResource("/golden").toURI();
      return Path.of(folder);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
