package dev.lockstep.bindings;

import java.util.List;

/** Repeats a sub-plan while another one says so ({@code ls_while}). */
public record WhileDescription(
    PlanHandle condition,
    PlanHandle body,
    List<Block> conditionConstants,
    List<Block> bodyConstants,
    List<Block> initial,
    List<Block> results) {}
