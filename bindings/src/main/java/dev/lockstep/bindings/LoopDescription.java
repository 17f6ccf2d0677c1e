package dev.lockstep.bindings;

import java.util.List;

/**
 * A fused elementwise loop, with or without a reduction over its last dimensions ({@code ls_loop}).
 *
 * @param extents the loop's dimensions
 * @param reduceRank how many of the last dimensions reduced results are reduced over
 */
public record LoopDescription(
    long[] extents,
    int reduceRank,
    List<Operand> inputs,
    List<Instruction> instructions,
    List<LoopResult> results) {}
