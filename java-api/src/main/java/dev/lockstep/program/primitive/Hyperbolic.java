package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.Tensor;

/** Hyperbolic functions and their inverses. */
public sealed interface Hyperbolic extends UnaryFloating {
  /** The hyperbolic sine. */
  record Sinh() implements Hyperbolic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_SINH();
    }

    @Override
    public double reference(double x) {
      return Math.sinh(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x.cosh());
    }
  }

  /** The hyperbolic cosine. */
  record Cosh() implements Hyperbolic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_COSH();
    }

    @Override
    public double reference(double x) {
      return Math.cosh(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x.sinh());
    }
  }

  /** The hyperbolic tangent. */
  record Tanh() implements Hyperbolic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_TANH();
    }

    @Override
    public double reference(double x) {
      return Math.tanh(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(Rules.like(y, 1).sub(y.square()));
    }
  }

  /** The inverse of the hyperbolic sine. */
  record Asinh() implements Hyperbolic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ASINH();
    }

    @Override
    public double reference(double x) {
      return Scalars.asinh(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x.square().add(Rules.like(x, 1)).rsqrt());
    }
  }

  /** The inverse of the hyperbolic cosine. */
  record Acosh() implements Hyperbolic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ACOSH();
    }

    @Override
    public double reference(double x) {
      return Scalars.acosh(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x.sub(Rules.like(x, 1)).rsqrt().mul(x.add(Rules.like(x, 1)).rsqrt()));
    }
  }

  /** The inverse of the hyperbolic tangent. */
  record Atanh() implements Hyperbolic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ATANH();
    }

    @Override
    public double reference(double x) {
      return 0.5 * (Math.log1p(x) - Math.log1p(-x));
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.div(Rules.like(x, 1).sub(x).mul(Rules.like(x, 1).add(x)));
    }
  }
}
