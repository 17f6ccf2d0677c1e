package dev.lockstep.program.primitive;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.List;

/** Ops that compute each element of the result from the elements at the same place. */
public sealed interface Elementwise extends Primitive
    permits Unary, Binary, Comparison, Where, MultiplyAdd, Cast {
  /** Returns the op's number in the native core ({@code LS_OP_EXP}). */
  int opcode();

  @Override
  default String name() {
    return Names.of(getClass());
  }

  /** Repeats the operands that are not mapped (a view, no copy) and applies the op to all. */
  @Override
  default Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
    Tensor[] repeated = new Tensor[mapped.length];
    for (int i = 0; i < mapped.length; i++) {
      Tensor operand = operands.get(i);
      repeated[i] = mapped[i] ? operand : Rules.repeat(operand, size);
    }
    return Batched.of(Trace.bind(this, repeated));
  }
}
