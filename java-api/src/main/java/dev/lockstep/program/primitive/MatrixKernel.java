package dev.lockstep.program.primitive;

import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Linear algebra that one step of the native core computes. */
public sealed interface MatrixKernel extends LinearAlgebra permits Factorization, LinearSolve {
  /** Returns the op's number in the native core ({@code LS_LINALG_CHOLESKY}). */
  int kind();

  /** Returns the native core's flags. */
  default int flags() {
    return 0;
  }

  /**
   * Returns the extents m, n and k of the native core.
   *
   * @param operands the operands' types
   */
  long[] sizes(List<TensorType> operands);
}
