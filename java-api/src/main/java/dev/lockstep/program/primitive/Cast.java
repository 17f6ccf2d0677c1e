package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.program.ElementwiseLinear;
import dev.lockstep.program.Operand;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/**
 * Converts to another dtype. To bool: whether the element is not 0. Floating to integer: towards 0,
 * NaN to 0, and what is out of range to the nearest end of it.
 */
public record Cast(DType dtype) implements Elementwise, ElementwiseLinear {
  @Override
  public int opcode() {
    return lockstep_h.LS_OP_CAST();
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands) {
    return List.of(operands.getFirst().with(dtype));
  }

  @Override
  public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
    return Rules.one(dtype.isFloating() ? tangents.getFirst().cast(dtype) : null);
  }

  @Override
  public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
    return Rules.one(cotangents.getFirst().cast(operands.getFirst().type().dtype()));
  }
}
