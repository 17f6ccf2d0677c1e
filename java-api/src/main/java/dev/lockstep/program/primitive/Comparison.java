package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/**
 * Comparisons of two operands of one dtype; the result is bool. Those with NaN are false, but ne.
 */
public sealed interface Comparison extends Elementwise {
  /** Returns the answer for two floating elements. */
  boolean reference(double x, double y);

  /** Returns the answer for two integers or bools. */
  boolean reference(long x, long y);

  @Override
  default List<TensorType> infer(List<TensorType> operands) {
    Rules.requireAlike(name(), Domain.ANY, operands);
    return List.of(operands.getFirst().with(DType.BOOL));
  }

  /** Returns zero: a bool has no tangent. */
  @Override
  default List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
    return Rules.one(null);
  }

  /** {@code x == y}. */
  record Eq() implements Comparison {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_EQ();
    }

    @Override
    public boolean reference(double x, double y) {
      return x == y;
    }

    @Override
    public boolean reference(long x, long y) {
      return x == y;
    }
  }

  /** {@code x != y}. */
  record Ne() implements Comparison {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_NE();
    }

    @Override
    public boolean reference(double x, double y) {
      return x != y;
    }

    @Override
    public boolean reference(long x, long y) {
      return x != y;
    }
  }

  /** {@code x < y}. */
  record Lt() implements Comparison {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_LT();
    }

    @Override
    public boolean reference(double x, double y) {
      return x < y;
    }

    @Override
    public boolean reference(long x, long y) {
      return x < y;
    }
  }

  /** {@code x <= y}. */
  record Le() implements Comparison {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_LE();
    }

    @Override
    public boolean reference(double x, double y) {
      return x <= y;
    }

    @Override
    public boolean reference(long x, long y) {
      return x <= y;
    }
  }

  /** {@code x > y}. */
  record Gt() implements Comparison {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_GT();
    }

    @Override
    public boolean reference(double x, double y) {
      return x > y;
    }

    @Override
    public boolean reference(long x, long y) {
      return x > y;
    }
  }

  /** {@code x >= y}. */
  record Ge() implements Comparison {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_GE();
    }

    @Override
    public boolean reference(double x, double y) {
      return x >= y;
    }

    @Override
    public boolean reference(long x, long y) {
      return x >= y;
    }
  }
}
