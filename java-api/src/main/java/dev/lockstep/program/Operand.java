package dev.lockstep.program;

import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;

/** An operand as a transpose rule sees it: a known value, or the unknown of a linear function. */
public sealed interface Operand {
  /** Returns the operand's type. */
  TensorType type();

  /** An operand whose value does not depend on the linear function's input. */
  record Known(Tensor value) implements Operand {
    @Override
    public TensorType type() {
      return value.type();
    }
  }

  /** An operand that the equation is linear in: the rule returns its cotangent. */
  record Unknown(TensorType type) implements Operand {}
}
