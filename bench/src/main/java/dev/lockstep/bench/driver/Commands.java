package dev.lockstep.bench.driver;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Runs other programs. */
final class Commands {
  private Commands() {}

  /** Waits for a command; what it prints goes to the end of the log. */
  static void run(Path log, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(
            "%s failed, its output is in %s".formatted(String.join(" ", command), log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
