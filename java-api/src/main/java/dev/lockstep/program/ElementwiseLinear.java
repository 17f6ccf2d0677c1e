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

  /** Returns whether zeros stay zeros whatever the known operands are: 0 times inf does not. */
  default boolean keepsZeros() {
    return true;
  }
}
