package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.Tensor;

/** Exponentials, logarithms and what is made of them. */
public sealed interface Exponential extends UnaryFloating {
  /** {@code exp(x)}. */
  record Exp() implements Exponential {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_EXP();
    }

    @Override
    public double reference(double x) {
      return Math.exp(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(y);
    }
  }

  /** {@code 2^x}. */
  record Exp2() implements Exponential {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_EXP2();
    }

    @Override
    public double reference(double x) {
      return Math.pow(2, x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(y.mul(Rules.like(y, Math.log(2))));
    }
  }

  /** {@code exp(x) - 1}, exact near 0. */
  record Expm1() implements Exponential {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_EXPM1();
    }

    @Override
    public double reference(double x) {
      return Math.expm1(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(y.add(Rules.like(y, 1)));
    }
  }

  /** The natural logarithm. */
  record Log() implements Exponential {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_LOG();
    }

    @Override
    public double reference(double x) {
      return Math.log(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.div(x);
    }
  }

  /** The logarithm to base 2. */
  record Log2() implements Exponential {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_LOG2();
    }

    @Override
    public double reference(double x) {
      return Scalars.log2(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.div(x.mul(Rules.like(x, Math.log(2))));
    }
  }

  /** The logarithm to base 10. */
  record Log10() implements Exponential {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_LOG10();
    }

    @Override
    public double reference(double x) {
      return Math.log10(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.div(x.mul(Rules.like(x, Math.log(10))));
    }
  }

  /** {@code log(1 + x)}, exact near 0. */
  record Log1p() implements Exponential {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_LOG1P();
    }

    @Override
    public double reference(double x) {
      return Math.log1p(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.div(x.add(Rules.like(x, 1)));
    }
  }

  /** {@code 1 / (1 + exp(-x))}. */
  record Sigmoid() implements Exponential {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_SIGMOID();
    }

    @Override
    public double reference(double x) {
      return 1 / (1 + Math.exp(-x));
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(y.mul(Rules.like(y, 1).sub(y)));
    }
  }
}
