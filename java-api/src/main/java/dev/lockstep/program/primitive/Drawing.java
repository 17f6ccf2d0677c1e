package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.Tensor;

/**
 * The functions that JAX's random numbers are made of, with the rounding of XLA's CPU compiler: a
 * draw equals JAX's bit for bit only if each of its functions does. They are less exact than those
 * of the same names elsewhere, and take denormals for zeros, so draws alone use them.
 */
public sealed interface Drawing extends UnaryFloating {
  /** {@code e^x}. */
  record XlaExp() implements Drawing {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_XLA_EXP();
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

  /** The natural logarithm. */
  record XlaLog() implements Drawing {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_XLA_LOG();
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

  /** {@code log(1 + x)}. */
  record XlaLog1p() implements Drawing {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_XLA_LOG1P();
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

  /** The tangent, of the C library as in XLA. */
  record XlaTan() implements Drawing {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_XLA_TAN();
    }

    @Override
    public double reference(double x) {
      return Math.tan(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(y.square().add(Rules.like(x, 1)));
    }
  }

  /** The error function. */
  record XlaErf() implements Drawing {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_XLA_ERF();
    }

    @Override
    public double reference(double x) {
      return Scalars.erf(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x.square().neg().exp().mul(Rules.like(x, 2 / Math.sqrt(Math.PI))));
    }
  }

  /** The inverse of the error function. */
  record XlaErfInv() implements Drawing {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_XLA_ERF_INV();
    }

    @Override
    public double reference(double x) {
      return Scalars.erfInv(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(y.square().exp().mul(Rules.like(x, Math.sqrt(Math.PI) / 2)));
    }
  }
}
