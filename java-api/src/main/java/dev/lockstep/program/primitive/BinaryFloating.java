package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.Tensor;

/** Elementwise ops of two floating operands. */
public sealed interface BinaryFloating extends Binary {
  /** Returns the result for two elements, computed in {@code f64}. */
  double reference(double x, double y);

  @Override
  default Domain domain() {
    return Domain.FLOATING;
  }

  /** The angle of the point (y, x), whose first operand is the ordinate y. */
  record Atan2() implements BinaryFloating {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ATAN2();
    }

    @Override
    public double reference(double y, double x) {
      return Math.atan2(y, x);
    }

    @Override
    public Tensor leftTangent(Tensor y, Tensor x, Tensor dy, Tensor z) {
      return dy.mul(x.div(x.square().add(y.square())));
    }

    @Override
    public Tensor rightTangent(Tensor y, Tensor x, Tensor dx, Tensor z) {
      return dx.mul(y.div(x.square().add(y.square()))).neg();
    }
  }

  /** {@code sqrt(x^2 + y^2)} without overflow; its derivative at (0, 0) is 0. */
  record Hypot() implements BinaryFloating {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_HYPOT();
    }

    @Override
    public double reference(double x, double y) {
      return Math.hypot(x, y);
    }

    @Override
    public Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
      return dx.mul(x.div(positive(z)));
    }

    @Override
    public Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
      return dy.mul(y.div(positive(z)));
    }

    private static Tensor positive(Tensor z) {
      return Tensor.where(z.equal(Rules.like(z, 0)), Rules.like(z, 1), z);
    }
  }

  /** {@code x^y} of positive x, of the C library as in XLA: see {@link Drawing}. */
  record XlaPow() implements BinaryFloating {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_XLA_POW();
    }

    @Override
    public double reference(double x, double y) {
      return Scalars.pow(x, y);
    }

    @Override
    public Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
      return dx.mul(y.mul(x.pow(y.sub(Rules.like(y, 1)))));
    }

    @Override
    public Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
      return dy.mul(z.mul(x.log()));
    }
  }
}
