package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.Tensor;

/** Rounding to whole numbers; the derivative is zero. */
public sealed interface Rounding extends UnaryFloating {
  /** The largest whole number that is not above x. */
  record Floor() implements Rounding {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_FLOOR();
    }

    @Override
    public double reference(double x) {
      return Math.floor(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return null;
    }
  }

  /** The smallest whole number that is not below x. */
  record Ceil() implements Rounding {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_CEIL();
    }

    @Override
    public double reference(double x) {
      return Math.ceil(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return null;
    }
  }

  /** The nearest whole number; halves go to the even one. */
  record Round() implements Rounding {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ROUND();
    }

    @Override
    public double reference(double x) {
      return Math.rint(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return null;
    }
  }

  /** The whole number next to x on the side of 0. */
  record Trunc() implements Rounding {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_TRUNC();
    }

    @Override
    public double reference(double x) {
      return x < 0 ? Math.ceil(x) : Math.floor(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return null;
    }
  }
}
