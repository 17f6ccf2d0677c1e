package dev.lockstep.bindings;

/**
 * One instruction of a loop's register program ({@code ls_instruction}). Values are numbered: the
 * loop's inputs first, then one for each instruction.
 *
 * @param op an {@code LS_OP_*} number
 * @param dtype the operands' dtype; for a selection the branches'
 * @param result the result's dtype
 * @param a the first operand's value number
 * @param b the second operand's value number, or -1
 * @param c the third operand's value number, or -1
 */
public record Instruction(int op, int dtype, int result, int a, int b, int c) {}
