package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.Tensor;

/** Special functions of probability and statistics. */
public sealed interface Special extends UnaryFloating {
  /** The error function, {@code 2/sqrt(pi)} times the integral of {@code exp(-t^2)} from 0 to x. */
  record Erf() implements Special {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ERF();
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

  /** {@code 1 - erf(x)}, exact for large x. */
  record Erfc() implements Special {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ERFC();
    }

    @Override
    public double reference(double x) {
      return Scalars.erfc(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x.square().neg().exp().mul(Rules.like(x, -2 / Math.sqrt(Math.PI))));
    }
  }

  /** The inverse of the error function. */
  record ErfInv() implements Special {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ERF_INV();
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

  /** The logarithm of the absolute value of the gamma function. */
  record Lgamma() implements Special {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_LGAMMA();
    }

    @Override
    public double reference(double x) {
      return Scalars.lgamma(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(x.digamma());
    }
  }

  /** The derivative of lgamma. */
  record Digamma() implements Special {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_DIGAMMA();
    }

    @Override
    public double reference(double x) {
      return Scalars.digamma(x);
    }

    @Override
    public Tensor tangent(Tensor x, Tensor dx, Tensor y) {
      return dx.mul(Trigamma.of(x));
    }
  }
}
