package dev.lockstep.bindings;

/** A strided copy without conversion ({@code ls_copy}). */
public record CopyDescription(long[] extents, Operand from, Operand to) {}
