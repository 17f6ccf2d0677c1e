package dev.lockstep.bench.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What this machine is. */
final class Machine {
  private Machine() {}

  /** Returns the processor, its cores, the memory and the system as a phrase. */
  static String describe() throws IOException {
    long kibibytes = Long.parseLong(first("/proc/meminfo", "MemTotal").replaceAll("\\D", ""));
    return "%d cores of %s%s, %d GiB, %s %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            first("/proc/cpuinfo", "model name"),
            first("/proc/cpuinfo", "flags").contains("avx512f") ? " with AVX-512" : "",
            Math.round(kibibytes / 1024.0 / 1024.0),
            System.getProperty("os.name"),
            System.getProperty("os.version"));
  }

  private static String first(String file, String key) throws IOException {
    List<String> lines = Files.readAllLines(Path.of(file));
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .orElse("unknown");
  }
}
