package dev.lockstep.compiler;

import dev.lockstep.compiler.Arithmetic.Computation;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic.Mul;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Transpose;
import dev.lockstep.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * The algebra of contractions. Transposes of operands become other axes of the contraction. With
 * one value everywhere, as the cotangent of a sum has, a contraction is the other operand summed
 * over its contracted axes, times the value, repeated along the constant's free axes.
 */
final class ContractionAlgebra {
  private final Rewriter rewriter;

  ContractionAlgebra(Rewriter rewriter) {
    this.rewriter = rewriter;
  }

  /** Returns another computation of the contraction, or null. */
  Computation of(DotGeneral dot, Equation equation, Variable left, Variable right) {
    int batch = dot.leftBatch().size();
    int leftFree = left.type().shape().rank() - batch - dot.leftContract().size();
    if (rewriter.primitiveOf(left) instanceof Full full) {
      return sum(full, equation, right, dot.rightContract(), dot.rightBatch(), batch + leftFree);
    }
    if (rewriter.primitiveOf(right) instanceof Full full) {
      return sum(full, equation, left, dot.leftContract(), dot.leftBatch(), batch);
    }
    List<Integer> leftOrder = order(left, dot.leftContract(), dot.leftBatch());
    List<Integer> rightOrder = order(right, dot.rightContract(), dot.rightBatch());
    if (leftOrder == null && rightOrder == null) {
      return null;
    }
    return new Computation(
        new DotGeneral(
            permuted(dot.leftContract(), leftOrder),
            permuted(dot.rightContract(), rightOrder),
            permuted(dot.leftBatch(), leftOrder),
            permuted(dot.rightBatch(), rightOrder)),
        leftOrder == null ? left : rewriter.operandsOf(left).getFirst(),
        rightOrder == null ? right : rewriter.operandsOf(right).getFirst());
  }

  /** Returns the permutation of a transposed operand, if its free axes keep their order. */
  private List<Integer> order(Variable operand, List<Integer> contract, List<Integer> batch) {
    if (!(rewriter.primitiveOf(operand) instanceof Transpose transpose)) {
      return null;
    }
    List<Integer> order = transpose.permutation();
    List<Integer> free = permuted(DotGeneral.free(order.size(), contract, batch), order);
    return free.equals(free.stream().sorted().toList()) ? order : null;
  }

  private static List<Integer> permuted(List<Integer> axes, List<Integer> order) {
    return order == null ? axes : axes.stream().map(order::get).toList();
  }

  /**
   * @param firstFree where the operand's free axes begin in the result
   */
  private Computation sum(
      Full full,
      Equation equation,
      Variable operand,
      List<Integer> contract,
      List<Integer> batch,
      int firstFree) {
    // A sum of bf16 would be rounded before it is multiplied.
    if (full.type().dtype() == DType.BOOL || full.type().dtype() == DType.BF16) {
      return null;
    }
    Variable value = operand;
    if (!contract.isEmpty()) {
      List<Integer> ascending = contract.stream().sorted().toList();
      value = rewriter.define(equation, new Reduction.Sum(ascending), List.of(operand));
    }
    Full factor = new Full(value.type(), full.value());
    value =
        rewriter.define(
            equation, new Mul(), List.of(value, rewriter.define(equation, factor, List.of())));
    List<Integer> axes = new ArrayList<>();
    int next = firstFree;
    for (int axis = 0; axis < operand.type().shape().rank(); axis++) {
      if (!contract.contains(axis)) {
        axes.add(batch.contains(axis) ? batch.indexOf(axis) : next++);
      }
    }
    return new Computation(
        new BroadcastInDim(equation.outputs().getFirst().type().shape(), axes), value);
  }
}
