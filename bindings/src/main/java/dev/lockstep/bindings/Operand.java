package dev.lockstep.bindings;

import dev.lockstep.bindings.generated.lockstep_h;

/**
 * A strided operand of a loop or copy ({@code ls_operand}). Slots count the plan's inputs first,
 * then its outputs, then the workspace.
 *
 * @param slot the slot, or one of the two virtual slots that the factories give
 * @param dtype an {@code ls_dtype} number
 * @param offset bytes from the slot's start
 * @param strides in elements, one a dimension; missing trailing ones are 0
 */
public record Operand(int slot, int dtype, long offset, long[] strides) {

  /** The value {@code offset + sum(index[d] * strides[d])}: iota and any view of it. */
  public static Operand index(int dtype, long offset, long[] strides) {
    return new Operand(lockstep_h.LS_SLOT_INDEX(), dtype, offset, strides);
  }

  /** The value whose bit pattern in {@code dtype} is in the low bytes of {@code bits}. */
  public static Operand constant(int dtype, long bits) {
    return new Operand(lockstep_h.LS_SLOT_CONSTANT(), dtype, bits, new long[0]);
  }
}
