package dev.lockstep.program.primitive;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Ops on the matrices that the last two axes are; all axes before these are batch axes, which all
 * operands share.
 */
public sealed interface LinearAlgebra extends Primitive permits MatrixKernel, Derived {
  @Override
  default String name() {
    return Names.of(getClass());
  }

  /** An unmapped operand is repeated, which is a view. */
  @Override
  default Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
    Tensor[] all = new Tensor[operands.size()];
    for (int i = 0; i < all.length; i++) {
      Tensor operand = operands.get(i);
      all[i] = mapped[i] ? operand : Rules.repeat(operand, size);
    }
    List<Tensor> results = Trace.bindAll(this, all);
    boolean[] resultMapped = new boolean[results.size()];
    Arrays.fill(resultMapped, true);
    return new Batched(results, resultMapped);
  }

  /** Returns the extent of the last axis but one. */
  static long rows(TensorType matrix) {
    return matrix.shape().extent(matrix.shape().rank() - 2);
  }

  /** Returns the extent of the last axis. */
  static long columns(TensorType matrix) {
    return matrix.shape().extent(matrix.shape().rank() - 1);
  }

  /** Returns the type with other extents in the place of the last two. */
  static TensorType withMatrix(TensorType matrix, long... extents) {
    int batch = matrix.shape().rank() - 2;
    long[] all = Arrays.copyOf(matrix.shape().extents(), batch + extents.length);
    System.arraycopy(extents, 0, all, batch, extents.length);
    return matrix.with(Shape.of(all));
  }

  /** Checks that the operand is a floating matrix. */
  static TensorType requireMatrix(String name, TensorType operand) {
    if (operand.shape().rank() < 2) {
      throw new ShapeException(name + ": expected at least two axes, got " + operand);
    }
    if (!operand.dtype().isFloating() || operand.dtype() == DType.BF16) {
      throw new DTypeException(name + ": expected f32 or f64, got " + operand);
    }
    return operand;
  }

  /** Checks that the operand is a floating square matrix. */
  static TensorType requireSquare(String name, TensorType operand) {
    requireMatrix(name, operand);
    if (rows(operand) != columns(operand)) {
      throw new ShapeException(name + ": expected square matrices, got " + operand);
    }
    return operand;
  }

  /** Checks that the operands have these types. */
  static void requireTypes(String name, List<TensorType> operands, TensorType... expected) {
    if (!operands.equals(List.of(expected))) {
      throw new ShapeException(
          "%s: expected operands of %s, got %s".formatted(name, List.of(expected), operands));
    }
  }

  /** Returns a list of tangents of which each may be null. */
  static List<Tensor> list(Tensor... tangents) {
    return new ArrayList<>(Arrays.asList(tangents));
  }
}
