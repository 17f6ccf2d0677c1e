package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/**
 * {@code x y + z} of floating operands of one dtype, rounded once where the processor has an
 * instruction for it: what compilers make of a product and a sum, which makes a draw's last bit.
 */
public record MultiplyAdd() implements Elementwise {
  @Override
  public int opcode() {
    return lockstep_h.LS_OP_FUSED_MULTIPLY_ADD();
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands) {
    Rules.requireAlike(name(), Domain.FLOATING, operands);
    return List.of(operands.getFirst());
  }

  /** Returns the result for three elements, computed in {@code f64}. */
  public double reference(double x, double y, double z) {
    return Math.fma(x, y, z);
  }

  @Override
  public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
    Tensor x = operands.get(0);
    Tensor y = operands.get(1);
    Tensor dx = tangents.get(0);
    Tensor dy = tangents.get(1);
    Tensor left = dx == null ? null : dx.mul(y);
    Tensor right = dy == null ? null : dy.mul(x);
    return Rules.one(Rules.sum(Rules.sum(left, right), tangents.get(2)));
  }
}
