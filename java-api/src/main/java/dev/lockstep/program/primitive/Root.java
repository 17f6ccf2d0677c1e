package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.Tensor;

/** Roots and the reciprocal. */
public sealed interface Root extends UnaryFloating {
  /** The square root. */
  record Sqrt() implements Root {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_SQRT();
    }

    @Override
    public double reference(double x) {
      return Math.sqrt(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(Rules.like(y, 0.5).div(y));
    }
  }

  /** {@code 1 / sqrt(x)}. */
  record Rsqrt() implements Root {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_RSQRT();
    }

    @Override
    public double reference(double x) {
      return 1 / Math.sqrt(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(Rules.like(y, -0.5).mul(y.div(x)));
    }
  }

  /** The cube root. */
  record Cbrt() implements Root {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_CBRT();
    }

    @Override
    public double reference(double x) {
      return Math.cbrt(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.div(Rules.like(y, 3).mul(y.square()));
    }
  }

  /** {@code 1 / x}. */
  record Reciprocal() implements Root {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_RECIPROCAL();
    }

    @Override
    public double reference(double x) {
      return 1 / x;
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.neg().mul(y.square());
    }
  }
}
