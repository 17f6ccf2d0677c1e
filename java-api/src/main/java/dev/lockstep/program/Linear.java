package dev.lockstep.program;

import dev.lockstep.tensor.Tensor;
import java.util.List;

/** A primitive that is linear in some of its operands, so that it can be transposed. */
public interface Linear {
  /**
   * Returns the cotangent of each {@link Operand.Unknown} operand, in operand order, null for known
   * operands and for zero cotangents.
   *
   * @param cotangents one a result, null for zero; not all are null
   * @param operands the equation is linear in the unknown ones taken together
   */
  List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands);
}
