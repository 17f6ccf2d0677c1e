package dev.lockstep.program;

import dev.lockstep.tensor.Tensor;
import java.util.Collections;
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

  /**
   * Returns where the cotangents that {@link #transpose} gives may differ from zero: a bool tensor
   * of the operand's shape, or null for everywhere, which is always right.
   *
   * @param supports where the cotangent of each result may differ from zero, null for everywhere
   */
  default List<Tensor> support(List<Tensor> supports, List<Operand> operands) {
    return Collections.nCopies(operands.size(), null);
  }
}
