package dev.lockstep.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.bindings.generated.ls_memory_statistics;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The native core's functions that belong to no plan. Each loads the library if needed and throws
 * what {@link Status} makes of a failure.
 */
public final class Native {
  private Native() {}

  /**
   * Returns the address of a 64-byte aligned block of at least {@code bytes}, not zeroed.
   *
   * @throws dev.lockstep.error.OutOfNativeMemoryException if the system or the limit refuses
   */
  public static long allocate(long bytes) {
    NativeLibrary.load();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ADDRESS);
      Status.check(lockstep_h.ls_memory_allocate(bytes, address));
      return address.get(ADDRESS, 0).address();
    }
  }

  /** Gives a block back; {@code bytes} as when it was allocated. */
  public static void free(long address, long bytes) {
    NativeLibrary.load();
    Status.check(lockstep_h.ls_memory_free(MemorySegment.ofAddress(address), bytes));
  }

  /** Copies between blocks that do not overlap, in parallel when that pays. */
  public static void copy(long to, long from, long bytes) {
    NativeLibrary.load();
    Status.check(
        lockstep_h.ls_memory_copy(
            MemorySegment.ofAddress(to), MemorySegment.ofAddress(from), bytes));
  }

  /** The block as a segment that knows its size but not its lifetime. */
  @SuppressWarnings("restricted")
  public static MemorySegment segment(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  public static MemoryStatistics memoryStatistics() {
    NativeLibrary.load();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment statistics = ls_memory_statistics.allocate(arena);
      Status.check(lockstep_h.ls_memory_get_statistics(statistics));
      return new MemoryStatistics(
          ls_memory_statistics.live_bytes(statistics),
          ls_memory_statistics.peak_bytes(statistics),
          ls_memory_statistics.pooled_bytes(statistics),
          ls_memory_statistics.live_blocks(statistics),
          ls_memory_statistics.allocations(statistics));
    }
  }

  /** Starts a new peak at the bytes that are live now. */
  public static void resetPeak() {
    NativeLibrary.load();
    Status.check(lockstep_h.ls_memory_reset_peak());
  }

  /** Unmaps all pooled blocks. */
  public static void trim() {
    NativeLibrary.load();
    Status.check(lockstep_h.ls_memory_trim());
  }

  /** Live bytes never exceed this; 0 means no limit. */
  public static void setMemoryLimit(long bytes) {
    NativeLibrary.load();
    Status.check(lockstep_h.ls_memory_set_limit(bytes));
  }

  /** Sets how many threads a step may use, the caller included; 0 asks for one a core. */
  public static void setThreads(int threads) {
    NativeLibrary.load();
    Status.check(lockstep_h.ls_threads_set(threads));
  }

  public static int threads() {
    NativeLibrary.load();
    return lockstep_h.ls_threads_get();
  }

  public static String version() {
    NativeLibrary.load();
    return lockstep_h.ls_version().getString(0);
  }

  /** The instruction set that the kernels use, for example {@code x86-64-v4}. */
  public static String instructionSet() {
    NativeLibrary.load();
    return lockstep_h.ls_instruction_set().getString(0);
  }
}
