package dev.lockstep.bindings;

/**
 * A dense block that is an input or output of a sub-plan ({@code ls_block}).
 *
 * @param offset bytes from the slot's start
 */
public record Block(int slot, long offset) {}
