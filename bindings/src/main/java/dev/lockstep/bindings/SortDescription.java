package dev.lockstep.bindings;

/**
 * A stable sort along the last dimension ({@code ls_sort}).
 *
 * @param values the sorted keys, or null if not wanted
 * @param indices where each stood in its row, or null if not wanted
 */
public record SortDescription(
    long[] extents, boolean descending, Operand keys, Operand values, Operand indices) {}
