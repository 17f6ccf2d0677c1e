package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Questions about one floating element; the result is bool. */
public sealed interface Classification extends Unary {
  /** Returns the answer for one element. */
  boolean reference(double x);

  @Override
  default Domain domain() {
    return Domain.FLOATING;
  }

  @Override
  default List<TensorType> infer(List<TensorType> operands) {
    Rules.requireAlike(name(), domain(), operands);
    return List.of(operands.getFirst().with(DType.BOOL));
  }

  @Override
  default Tensor tangent(Tensor x, Tensor dx, Tensor y) {
    return null;
  }

  /** Whether x is not a number. */
  record IsNan() implements Classification {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_IS_NAN();
    }

    @Override
    public boolean reference(double x) {
      return Double.isNaN(x);
    }
  }

  /** Whether x is infinite. */
  record IsInf() implements Classification {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_IS_INF();
    }

    @Override
    public boolean reference(double x) {
      return Double.isInfinite(x);
    }
  }

  /** Whether x is neither infinite nor NaN. */
  record IsFinite() implements Classification {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_IS_FINITE();
    }

    @Override
    public boolean reference(double x) {
      return Double.isFinite(x);
    }
  }
}
