package dev.lockstep.bindings;

import java.util.List;

/** Steps a sub-plan through blocks of inputs and outputs ({@code ls_scan}). */
public record ScanDescription(
    PlanHandle body,
    long length,
    boolean reverse,
    List<Block> constants,
    List<Block> initial,
    List<Block> results,
    List<Block> inputs,
    List<Block> outputs) {}
