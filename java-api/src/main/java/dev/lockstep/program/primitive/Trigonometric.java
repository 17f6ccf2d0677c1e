package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.Tensor;

/** Functions of angles in radians, and their inverses. */
public sealed interface Trigonometric extends UnaryFloating {
  /** The sine. */
  record Sin() implements Trigonometric {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_SIN();
    }

    @Override
    public double reference(double x) {
      return Math.sin(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x.cos());
    }
  }

  /** The cosine. */
  record Cos() implements Trigonometric {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_COS();
    }

    @Override
    public double reference(double x) {
      return Math.cos(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x.sin()).neg();
    }
  }

  /** The tangent. */
  record Tan() implements Trigonometric {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_TAN();
    }

    @Override
    public double reference(double x) {
      return Math.tan(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(y.square().add(Rules.like(y, 1)));
    }
  }

  /** The inverse of the sine. */
  record Asin() implements Trigonometric {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ASIN();
    }

    @Override
    public double reference(double x) {
      return Math.asin(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(Rules.like(x, 1).sub(x.square()).rsqrt());
    }
  }

  /** The inverse of the cosine. */
  record Acos() implements Trigonometric {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ACOS();
    }

    @Override
    public double reference(double x) {
      return Math.acos(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(Rules.like(x, 1).sub(x.square()).rsqrt()).neg();
    }
  }

  /** The inverse of the tangent. */
  record Atan() implements Trigonometric {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ATAN();
    }

    @Override
    public double reference(double x) {
      return Math.atan(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.div(x.square().add(Rules.like(x, 1)));
    }
  }
}
