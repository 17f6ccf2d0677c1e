package dev.lockstep.bindings;

import java.util.List;

/** Runs one of several sub-plans ({@code ls_switch}); the index is an {@code i32}. */
public record SwitchDescription(
    List<PlanHandle> branches, Block index, List<Block> operands, List<Block> results) {}
