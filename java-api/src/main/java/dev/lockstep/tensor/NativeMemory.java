package dev.lockstep.tensor;

import dev.lockstep.bindings.MemoryStatistics;
import dev.lockstep.bindings.Native;
import dev.lockstep.runtime.Memory;

/**
 * The native memory that tensors and running programs hold.
 *
 * <p>The system property {@code lockstep.memory.soft} (bytes, or {@code 512m}, {@code 4g}; default
 * a quarter of the physical memory) is the size above which the garbage collector is asked to find
 * unreachable tensors, {@code lockstep.memory.limit} (default four fifths) the size that is never
 * exceeded. With {@code -Dlockstep.memory.origins=true} lists of tensors show the lines that
 * created them.
 */
public final class NativeMemory {
  private NativeMemory() {}

  /**
   * Bytes in use.
   *
   * @param live held by tensors and by running programs
   * @param peak the highest {@code live} since the start or {@link #resetPeak}
   * @param pooled free, but kept mapped for reuse
   */
  public record Statistics(long live, long peak, long pooled) {}

  /** Returns the bytes in use now. */
  public static Statistics statistics() {
    MemoryStatistics statistics = Native.memoryStatistics();
    return new Statistics(statistics.liveBytes(), statistics.peakBytes(), statistics.pooledBytes());
  }

  /** Starts a new peak at the bytes that are live now. */
  public static void resetPeak() {
    Native.resetPeak();
  }

  /** Gives the pooled memory back to the system. */
  public static void trim() {
    Native.trim();
  }

  /** Runs the garbage collector and frees the memory of the unreachable tensors that it finds. */
  public static void collect() {
    Memory.collect();
  }

  /** Returns the ten largest live tensors as text, one a line, the largest first. */
  public static String report() {
    return Memory.report();
  }

  /** Returns the bytes of tensors above which garbage is collected. */
  public static long softLimit() {
    return Memory.softLimit();
  }

  /** Sets the bytes of tensors above which garbage is collected. */
  public static void setSoftLimit(long bytes) {
    Memory.setSoftLimit(bytes);
  }

  /** Returns the bytes that are never exceeded; 0 means no limit. */
  public static long limit() {
    return Memory.hardLimit();
  }

  /** Sets the bytes that are never exceeded; 0 means no limit. */
  public static void setLimit(long bytes) {
    Memory.setHardLimit(bytes);
  }
}
