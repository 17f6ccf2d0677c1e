package dev.lockstep.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory that this process may use: the machine's, or less if its container says so. */
final class PhysicalMemory {
  private PhysicalMemory() {}

  /** Returns its size in bytes. */
  static long bytes() {
    long machine = machineBytes();
    long container =
        Math.min(
            containerBytes("/sys/fs/cgroup/memory.max"),
            containerBytes("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
    return Math.min(machine, container);
  }

  private static long machineBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemTotal:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException e) {
      // Not Linux: the heap's default maximum is a quarter of the memory.
    }
    return 4 * Runtime.getRuntime().maxMemory();
  }

  private static long containerBytes(String file) {
    try {
      String text = Files.readString(Path.of(file)).strip();
      return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : Long.MAX_VALUE;
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }
}
