package dev.lockstep.bindings;

/**
 * Where one value of a loop goes ({@code ls_result}).
 *
 * @param to where it is stored
 * @param value the value's number
 * @param reduce an {@code ls_reduce} number; {@code LS_REDUCE_NONE} stores every element
 */
public record LoopResult(Operand to, int value, int reduce) {}
