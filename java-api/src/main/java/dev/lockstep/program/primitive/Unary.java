package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.program.ElementwiseLinear;
import dev.lockstep.program.Operand;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Elementwise ops of one operand. */
public sealed interface Unary extends Elementwise
    permits UnaryArithmetic,
        UnaryFloating,
        Classification,
        Unary.Not,
        Unary.StopGradient,
        Unary.Named {
  /** Returns the dtypes that the op takes. */
  Domain domain();

  /**
   * Returns the tangent of {@code y = f(x)}: {@code f'(x) dx}, or null for zero.
   *
   * @param y the op's result for {@code x}
   */
  Tensor tangent(Tensor x, Tensor dx, Tensor y);

  @Override
  default List<TensorType> infer(List<TensorType> operands) {
    Rules.requireAlike(name(), domain(), operands);
    return operands;
  }

  @Override
  default List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
    return Rules.one(tangent(operands.getFirst(), tangents.getFirst(), results.getFirst()));
  }

  /** Inverts each bit; on bool, false becomes true and true false. */
  record Not() implements Unary {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_NOT();
    }

    @Override
    public Domain domain() {
      return Domain.BITWISE;
    }

    /** Returns the inverted bits; of a bool, only the lowest counts. */
    public long reference(long x) {
      return ~x;
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return null;
    }
  }

  /** Returns its operand; derivatives see a constant. */
  record StopGradient() implements Unary {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_CAST();
    }

    @Override
    public Domain domain() {
      return Domain.ANY;
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return null;
    }
  }

  /**
   * The operand itself under a name, by which {@link ControlFlow.Checkpoint} may keep it.
   *
   * @param label the name
   */
  record Named(String label) implements Unary, ElementwiseLinear {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_CAST();
    }

    @Override
    public Domain domain() {
      return Domain.ANY;
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx;
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Rules.one(cotangents.getFirst());
    }
  }
}
