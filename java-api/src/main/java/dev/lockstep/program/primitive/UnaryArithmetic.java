package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.program.ElementwiseLinear;
import dev.lockstep.program.Operand;
import dev.lockstep.tensor.Tensor;
import java.util.List;

/** Elementwise ops of one operand of any dtype but bool, whose result has the same dtype. */
public sealed interface UnaryArithmetic extends Unary {
  /** Returns the result for one floating element, computed in {@code f64}. */
  double reference(double x);

  /** Returns the result for one integer element before it wraps. */
  long reference(long x);

  @Override
  default Domain domain() {
    return Domain.ARITHMETIC;
  }

  /** {@code -x}. */
  record Neg() implements UnaryArithmetic, ElementwiseLinear {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_NEG();
    }

    @Override
    public double reference(double x) {
      return -x;
    }

    @Override
    public long reference(long x) {
      return -x;
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.neg();
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Rules.one(cotangents.getFirst().neg());
    }
  }

  /** The absolute value; its derivative at 0 is 0. */
  record Abs() implements UnaryArithmetic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ABS();
    }

    @Override
    public double reference(double x) {
      return Math.abs(x);
    }

    @Override
    public long reference(long x) {
      return Math.abs(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x.sign());
    }
  }

  /** -1, 0 or 1 with the sign of x; NaN for NaN. */
  record Sign() implements UnaryArithmetic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_SIGN();
    }

    @Override
    public double reference(double x) {
      return Math.signum(x);
    }

    @Override
    public long reference(long x) {
      return Long.signum(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return null;
    }
  }

  /** {@code x * x}. */
  record Square() implements UnaryArithmetic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_SQUARE();
    }

    @Override
    public double reference(double x) {
      return x * x;
    }

    @Override
    public long reference(long x) {
      return x * x;
    }

    /** In this order a transpose keeps x itself, not twice x. */
    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x).mul(Rules.like(x, 2));
    }
  }
}
