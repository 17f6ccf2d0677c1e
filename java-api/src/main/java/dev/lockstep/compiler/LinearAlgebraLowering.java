package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Factorization;
import dev.lockstep.program.primitive.LinearSolve;
import dev.lockstep.program.primitive.LinearSolve.TriangularSolve;
import dev.lockstep.program.primitive.MatrixKernel;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns linear algebra into steps over strided matrices: the last two axes of each view, or one for
 * vectors. No operand that memory holds is copied; transposes are strides.
 */
final class LinearAlgebraLowering {
  private LinearAlgebraLowering() {}

  /**
   * @param results null for those that are not wanted
   */
  static List<Step> lower(
      MatrixKernel op, Equation equation, List<View> operands, List<View> results) {
    List<Step> steps = new ArrayList<>();
    List<TensorType> types = equation.inputs().stream().map(Variable::type).toList();
    TensorType matrix = types.getFirst();
    int batch = matrix.shape().rank() - 2;
    List<Step.Matrix> matrices = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      // Solutions by factors read nothing of the matrix itself.
      if (i > 0 || !(op instanceof LinearSolve.LuSolve)) {
        View view = Step.Copy.inMemory(operands.get(i), steps);
        matrices.add(matrix(view, batch, i == 0 ? transposesMatrix(op) : fromRight(op)));
      }
    }
    int read = matrices.size();
    for (View result : results) {
      matrices.add(result == null ? null : matrix(result, batch, fromRight(op)));
    }
    steps.add(
        new Step.LinearAlgebra(
            op.kind(),
            matrix.dtype(),
            op.flags(),
            Arrays.copyOf(matrix.shape().extents(), batch),
            op.sizes(types),
            matrices,
            read));
    return steps;
  }

  /** Returns whether the solve is {@code x op(a) = b}, which is {@code op(a)ᵀ xᵀ = bᵀ}. */
  private static boolean fromRight(MatrixKernel op) {
    return switch (op) {
      case LinearSolve solve -> !solve.left();
      case Factorization _ -> false;
    };
  }

  private static boolean transposesMatrix(MatrixKernel op) {
    return op instanceof TriangularSolve solve && solve.transposed() == solve.left();
  }

  private static Step.Matrix matrix(View view, int batch, boolean transposed) {
    long[] strides = view.strides();
    boolean vector = strides.length == batch + 1;
    long row = strides[batch];
    long column = vector ? 0 : strides[batch + 1];
    return new Step.Matrix(
        view, transposed ? column : row, transposed ? row : column, Arrays.copyOf(strides, batch));
  }
}
