package dev.lockstep.program.primitive;

import dev.lockstep.program.Primitive;

/** Ops that compute each element of the result from the elements at the same place. */
public sealed interface Elementwise extends Primitive permits Unary, Binary, Comparison, Where, Cast {
  /** Returns the op's number in the native core ({@code LS_OP_EXP}). */
  int opcode();
}
