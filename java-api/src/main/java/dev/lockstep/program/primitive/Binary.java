package dev.lockstep.program.primitive;

import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Elementwise ops of two operands of one dtype, which is also the result's. */
public sealed interface Binary extends Elementwise
    permits BinaryArithmetic, BinaryFloating, Bitwise {
  /** Returns the dtypes that the op takes. */
  Domain domain();

  /**
   * Returns what {@code dx} adds to the tangent of {@code z = f(x, y)}, or null for zero.
   *
   * @param z the op's result for {@code x} and {@code y}
   */
  Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z);

  /** Returns what {@code dy} adds to the tangent of {@code z = f(x, y)}, or null for zero. */
  Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z);

  @Override
  default List<TensorType> infer(List<TensorType> operands) {
    Rules.requireAlike(name(), domain(), operands);
    return List.of(operands.getFirst());
  }

  @Override
  default List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
    Tensor x = operands.get(0);
    Tensor y = operands.get(1);
    Tensor dx = tangents.get(0);
    Tensor dy = tangents.get(1);
    Tensor z = results.getFirst();
    Tensor left = dx == null ? null : leftTangent(x, y, dx, z);
    Tensor right = dy == null ? null : rightTangent(x, y, dy, z);
    return Rules.one(Rules.sum(left, right));
  }
}
