package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/** Solutions of linear systems, linear in the right-hand sides, which are the last operand. */
public sealed interface LinearSolve extends MatrixKernel, Linear {
  /** Returns the solve with the transposed matrix. */
  LinearSolve withTransposed();

  /** Returns whether the right-hand sides are columns, not rows. */
  boolean left();

  @Override
  default List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
    Tensor[] inputs = new Tensor[operands.size()];
    int last = inputs.length - 1;
    for (int i = 0; i < last; i++) {
      inputs[i] = Rules.known(operands.get(i));
    }
    inputs[last] = cotangents.getFirst();
    Tensor[] result = new Tensor[operands.size()];
    result[last] = Trace.bind(withTransposed(), inputs);
    return Arrays.asList(result);
  }

  /** Right-hand sides of one unmapped matrix become one wider right-hand side. */
  @Override
  default Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
    int last = operands.size() - 1;
    Tensor b = operands.get(last);
    for (int i = 0; i < last; i++) {
      if (mapped[i] || b.rank() != 3) {
        return MatrixKernel.super.batch(size, operands, mapped);
      }
    }
    long rows = b.shape().extent(1);
    long columns = b.shape().extent(2);
    Tensor[] inputs = operands.toArray(Tensor[]::new);
    if (!left()) {
      inputs[last] = b.reshape(size * rows, columns);
      return Batched.of(Trace.bind(this, inputs).reshape(size, rows, columns));
    }
    inputs[last] = b.transpose(1, 0, 2).reshape(rows, size * columns);
    Tensor x = Trace.bind(this, inputs).reshape(rows, size, columns);
    return Batched.of(x.transpose(1, 0, 2));
  }

  /**
   * {@code x} with {@code op(a) x = b}, or {@code x op(a) = b} if not {@code left}, where a is
   * triangular: only that triangle is read.
   *
   * @param transposed whether op(a) is aᵀ
   * @param unitDiagonal whether the diagonal is taken as ones
   */
  record TriangularSolve(boolean left, boolean lower, boolean transposed, boolean unitDiagonal)
      implements LinearSolve {
    @Override
    public int kind() {
      return lockstep_h.LS_LINALG_TRIANGULAR_SOLVE();
    }

    @Override
    public int flags() {
      // Transposes of the operands' views stand for `transposed` and for solving from the right.
      boolean seenLower = lower != (transposed == left);
      return (seenLower ? lockstep_h.LS_LINALG_LOWER() : 0)
          | (unitDiagonal ? lockstep_h.LS_LINALG_UNIT_DIAGONAL() : 0);
    }

    @Override
    public long[] sizes(List<TensorType> operands) {
      TensorType b = operands.get(1);
      long n = LinearAlgebra.rows(operands.get(0));
      return new long[] {n, n, left ? LinearAlgebra.columns(b) : LinearAlgebra.rows(b)};
    }

    @Override
    public LinearSolve withTransposed() {
      return new TriangularSolve(left, lower, !transposed, unitDiagonal);
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType a = LinearAlgebra.requireSquare(name(), operands.get(0));
      TensorType b = LinearAlgebra.requireMatrix(name(), operands.get(1));
      TensorType expected =
          left
              ? LinearAlgebra.withMatrix(a, LinearAlgebra.rows(a), LinearAlgebra.columns(b))
              : LinearAlgebra.withMatrix(a, LinearAlgebra.rows(b), LinearAlgebra.rows(a));
      LinearAlgebra.requireTypes(name(), operands, a, expected);
      return List.of(b);
    }

    /** {@code dx = op(a)⁻¹ (db - op(da) x)}, where da is the triangle's part. */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor da = tangents.get(0);
      Tensor rhs = tangents.get(1);
      if (da != null) {
        int offset = unitDiagonal ? 1 : 0;
        Tensor triangle = lower ? da.tril(-offset) : da.triu(offset);
        Tensor moved = transposed ? Matrices.transpose(triangle) : triangle;
        Tensor x = results.getFirst();
        rhs = Rules.sum(rhs, (left ? moved.matmul(x) : x.matmul(moved)).neg());
      }
      return Rules.one(Trace.bind(this, operands.get(0), rhs));
    }
  }

  /**
   * {@code x} with {@code a x = b} or {@code aᵀ x = b}, by a's factors. Its derivative is that of
   * the solution as a function of a and b: the factors have none of their own, and solve for
   * tangents and cotangents too.
   *
   * <p>Operands: a, its factors and permutation as {@link Factorization.Lu} gives them, and b.
   */
  record LuSolve(boolean transposed) implements LinearSolve {
    /** Returns the solution of systems with matrices of {@code a}, which are factored here. */
    public static Tensor of(Tensor a, Tensor b) {
      List<Tensor> factors = Trace.bindAll(new Factorization.Lu(), a.stopGradient());
      return Trace.bind(new LuSolve(false), a, factors.get(0), factors.get(2), b);
    }

    @Override
    public int kind() {
      return lockstep_h.LS_LINALG_LU_SOLVE();
    }

    @Override
    public int flags() {
      return transposed ? lockstep_h.LS_LINALG_TRANSPOSED() : 0;
    }

    @Override
    public long[] sizes(List<TensorType> operands) {
      long n = LinearAlgebra.rows(operands.get(0));
      return new long[] {n, n, LinearAlgebra.columns(operands.get(3))};
    }

    @Override
    public boolean left() {
      return true;
    }

    @Override
    public LinearSolve withTransposed() {
      return new LuSolve(!transposed);
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType a = LinearAlgebra.requireSquare(name(), operands.get(0));
      TensorType b = LinearAlgebra.requireMatrix(name(), operands.get(3));
      long n = LinearAlgebra.rows(a);
      if (LinearAlgebra.rows(b) != n) {
        throw new ShapeException(
            "%s: expected right-hand sides of %d rows, got %s".formatted(name(), n, b));
      }
      LinearAlgebra.requireTypes(
          name(),
          operands,
          a,
          a,
          LinearAlgebra.withMatrix(a, n).with(DType.I32),
          LinearAlgebra.withMatrix(a, n, LinearAlgebra.columns(b)));
      return List.of(b);
    }

    /** {@code dx = op(a)⁻¹ (db - op(da) x)}. */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor da = tangents.get(0);
      Tensor rhs = tangents.get(3);
      if (da != null) {
        Tensor moved = transposed ? Matrices.transpose(da) : da;
        rhs = Rules.sum(rhs, moved.matmul(results.getFirst()).neg());
      }
      return Rules.one(
          rhs == null
              ? null
              : Trace.bind(this, operands.get(0), operands.get(1), operands.get(2), rhs));
    }
  }
}
