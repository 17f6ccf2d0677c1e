package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.error.DTypeException;
import dev.lockstep.program.ElementwiseLinear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Operand.Unknown;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/** {@code condition ? x : y}; operands are the bool condition, x and y. Linear in x and y. */
public record Where() implements Elementwise, ElementwiseLinear {
  @Override
  public int opcode() {
    return lockstep_h.LS_OP_WHERE();
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands) {
    Rules.requireOneShape(name(), operands);
    if (operands.get(0).dtype() != DType.BOOL
        || operands.get(1).dtype() != operands.get(2).dtype()) {
      throw new DTypeException(
          "where: expected a bool condition and two operands of one dtype, got " + operands);
    }
    return List.of(operands.get(1));
  }

  @Override
  public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
    Tensor dx = tangents.get(1);
    Tensor dy = tangents.get(2);
    return Rules.one(
        Tensor.where(
            operands.getFirst(),
            dx == null ? Rules.like(dy, 0) : dx,
            dy == null ? Rules.like(dx, 0) : dy));
  }

  /** Selects, where a product would leak NaN from the branch not taken. */
  @Override
  public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
    Tensor ct = cotangents.getFirst();
    Tensor condition = Rules.known(operands.get(0));
    Tensor zero = Rules.like(ct, 0);
    return Arrays.asList(
        null,
        operands.get(1) instanceof Unknown ? Tensor.where(condition, ct, zero) : null,
        operands.get(2) instanceof Unknown ? Tensor.where(condition, zero, ct) : null);
  }

  /** Each branch has a cotangent only where it is taken. */
  @Override
  public List<Tensor> support(List<Tensor> supports, List<Operand> operands) {
    Tensor within = supports.getFirst();
    Tensor condition = Rules.known(operands.get(0));
    return Arrays.asList(
        null,
        operands.get(1) instanceof Unknown ? both(condition, within) : null,
        operands.get(2) instanceof Unknown ? both(condition.not(), within) : null);
  }

  /** Leaves the selection to whoever needs it, which is once for a chain of products. */
  @Override
  public List<Tensor> transposeWithin(List<Tensor> cotangents, List<Operand> operands) {
    Tensor ct = cotangents.getFirst();
    return Arrays.asList(
        null,
        operands.get(1) instanceof Unknown ? ct : null,
        operands.get(2) instanceof Unknown ? ct : null);
  }

  @Override
  public boolean keepsZeros() {
    return false;
  }

  private static Tensor both(Tensor taken, Tensor within) {
    return within == null ? taken : taken.and(within);
  }
}
