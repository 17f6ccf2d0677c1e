package dev.lockstep.bindings;

/**
 * A running combination along the last dimension ({@code ls_cumulative}).
 *
 * @param kind an {@code LS_CUMULATE_*} number
 */
public record CumulativeDescription(
    long[] extents, int kind, boolean reverse, Operand from, Operand to) {}
