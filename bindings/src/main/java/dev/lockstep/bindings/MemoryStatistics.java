package dev.lockstep.bindings;

/**
 * What the native allocator counts.
 *
 * @param liveBytes handed out and not freed, as asked for
 * @param peakBytes the highest {@code liveBytes} since the last reset
 * @param pooledBytes kept mapped for reuse
 * @param liveBlocks blocks handed out and not freed
 * @param allocations since the library was loaded
 */
public record MemoryStatistics(
    long liveBytes, long peakBytes, long pooledBytes, long liveBlocks, long allocations) {}
