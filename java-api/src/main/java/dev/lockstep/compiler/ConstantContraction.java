package dev.lockstep.compiler;

import dev.lockstep.compiler.Arithmetic.Computation;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic.Mul;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * A contraction with one value everywhere, as the cotangent of a sum is: the other operand summed
 * over its contracted axes, times the value, repeated along the constant's free axes.
 */
final class ConstantContraction {
  private final Rewriter rewriter;

  ConstantContraction(Rewriter rewriter) {
    this.rewriter = rewriter;
  }

  /** Returns another computation of the contraction, or null. */
  Computation of(DotGeneral dot, Equation equation, Variable left, Variable right) {
    int batch = dot.leftBatch().size();
    int leftFree = left.type().shape().rank() - batch - dot.leftContract().size();
    if (rewriter.primitiveOf(left) instanceof Full full) {
      return sum(full, equation, right, dot.rightContract(), dot.rightBatch(), batch + leftFree);
    }
    return rewriter.primitiveOf(right) instanceof Full full
        ? sum(full, equation, left, dot.leftContract(), dot.leftBatch(), batch)
        : null;
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
    if (full.type().dtype() == DType.BOOL) {
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
