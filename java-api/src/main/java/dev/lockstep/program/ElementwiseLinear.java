package dev.lockstep.program;

import dev.lockstep.tensor.Tensor;
import java.util.Collections;
import java.util.List;

/**
 * A linear primitive whose transpose gives each element from the cotangent's element at the same
 * place, and so cannot carry what stands at one place to another.
 */
public interface ElementwiseLinear extends Linear {
  @Override
  default List<Tensor> support(List<Tensor> supports, List<Operand> operands) {
    return Collections.nCopies(operands.size(), supports.getFirst());
  }

  /**
   * Returns what {@link #transpose} does, but only within {@link #support}: elements outside may be
   * anything.
   */
  default List<Tensor> transposeWithin(List<Tensor> cotangents, List<Operand> operands) {
    return transpose(cotangents, operands);
  }

  /**
   * Returns whether {@link #transposeWithin} gives zeros outside of the support if the cotangents
   * have them there: 0 times inf is none.
   */
  default boolean keepsZeros() {
    return true;
  }
}
