package dev.lockstep.bindings;

/**
 * Random bits by Threefry-2x32 ({@code ls_random}).
 *
 * @param bits 32 or 64
 * @param counters an {@code LS_COUNTERS_*} number
 * @param count numbers a key
 */
public record RandomDescription(
    int bits, int counters, long batch, long count, Block keys, Block starts, Block to) {}
