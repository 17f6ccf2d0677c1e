package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.program.ElementwiseLinear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Operand.Known;
import dev.lockstep.program.Operand.Unknown;
import dev.lockstep.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Arithmetic of two operands of any dtype but bool. */
public sealed interface BinaryArithmetic extends Binary {
  /** Returns the result for two floating elements, computed in {@code f64}. */
  double reference(double x, double y);

  /** Returns the result for two integer elements before it wraps. */
  long reference(long x, long y);

  @Override
  default Domain domain() {
    return Domain.ARITHMETIC;
  }

  /** {@code x + y}. */
  record Add() implements BinaryArithmetic, ElementwiseLinear {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_ADD();
    }

    @Override
    public double reference(double x, double y) {
      return x + y;
    }

    @Override
    public long reference(long x, long y) {
      return x + y;
    }

    @Override
    public Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
      return dx;
    }

    @Override
    public Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
      return dy;
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Tensor ct = cotangents.getFirst();
      return Arrays.asList(
          operands.get(0) instanceof Unknown ? ct : null,
          operands.get(1) instanceof Unknown ? ct : null);
    }
  }

  /** {@code x - y}. */
  record Sub() implements BinaryArithmetic, ElementwiseLinear {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_SUB();
    }

    @Override
    public double reference(double x, double y) {
      return x - y;
    }

    @Override
    public long reference(long x, long y) {
      return x - y;
    }

    @Override
    public Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
      return dx;
    }

    @Override
    public Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
      return dy.neg();
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Tensor ct = cotangents.getFirst();
      return Arrays.asList(
          operands.get(0) instanceof Unknown ? ct : null,
          operands.get(1) instanceof Unknown ? ct.neg() : null);
    }
  }

  /** {@code x * y}. */
  record Mul() implements BinaryArithmetic, ElementwiseLinear {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_MUL();
    }

    @Override
    public double reference(double x, double y) {
      return x * y;
    }

    @Override
    public long reference(long x, long y) {
      return x * y;
    }

    @Override
    public Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
      return dx.mul(y);
    }

    @Override
    public Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
      return x.mul(dy);
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Tensor ct = cotangents.getFirst();
      return operands.get(1) instanceof Known(Tensor y)
          ? Arrays.asList(ct.mul(y), null)
          : Arrays.asList(null, Rules.known(operands.get(0)).mul(ct));
    }

    @Override
    public boolean keepsZeros() {
      return false;
    }
  }

  /** {@code x / y}; of integers the quotient towards 0, and 0 where y is 0. */
  record Div() implements BinaryArithmetic, ElementwiseLinear {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_DIV();
    }

    @Override
    public double reference(double x, double y) {
      return x / y;
    }

    @Override
    public long reference(long x, long y) {
      return y == 0 ? 0 : x / y;
    }

    @Override
    public Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
      return dx.div(y);
    }

    @Override
    public Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
      return dy.mul(z.div(y)).neg();
    }

    /** Returns the cotangent of the numerator: division is linear in it alone. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Arrays.asList(cotangents.getFirst().div(Rules.known(operands.get(1))), null);
    }

    @Override
    public boolean keepsZeros() {
      return false;
    }
  }

  /** The remainder of {@code x / y} with the sign of x, as in C; of integers 0 where y is 0. */
  record Rem() implements BinaryArithmetic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_REM();
    }

    @Override
    public double reference(double x, double y) {
      return x % y;
    }

    @Override
    public long reference(long x, long y) {
      return y == 0 ? 0 : x % y;
    }

    @Override
    public Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
      return dx;
    }

    @Override
    public Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
      return dy.mul(x.div(y).trunc()).neg();
    }
  }

  /** {@code x^y}. */
  record Pow() implements BinaryArithmetic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_POW();
    }

    @Override
    public double reference(double x, double y) {
      return Scalars.pow(x, y);
    }

    @Override
    public long reference(long x, long y) {
      return Scalars.pow(x, y);
    }

    /** Returns {@code y x^(y-1) dx}, and 0 where y is 0, also at {@code x = 0}. */
    @Override
    public Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
      Tensor zero = Rules.like(y, 0);
      Tensor constant = y.equal(zero);
      Tensor exponent = Tensor.where(constant, Rules.like(y, 1), y.sub(Rules.like(y, 1)));
      return dx.mul(Tensor.where(constant, zero, y.mul(x.pow(exponent))));
    }

    /** Returns {@code x^y log(x) dy} with {@code log(0)} replaced by 0. */
    @Override
    public Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
      Tensor one = Rules.like(x, 1);
      return dy.mul(Tensor.where(x.equal(Rules.like(x, 0)), one, x).log().mul(z));
    }
  }

  /** The larger of two; NaN if one is. Equal operands share the derivative half and half. */
  record Maximum() implements BinaryArithmetic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_MAX();
    }

    @Override
    public double reference(double x, double y) {
      return Math.max(x, y);
    }

    @Override
    public long reference(long x, long y) {
      return Math.max(x, y);
    }

    @Override
    public Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
      return Rules.shared(dx, x.greaterEqual(y), x.equal(y));
    }

    @Override
    public Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
      return Rules.shared(dy, y.greaterEqual(x), x.equal(y));
    }
  }

  /** The smaller of two; NaN if one is. Equal operands share the derivative half and half. */
  record Minimum() implements BinaryArithmetic {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_MIN();
    }

    @Override
    public double reference(double x, double y) {
      return Math.min(x, y);
    }

    @Override
    public long reference(long x, long y) {
      return Math.min(x, y);
    }

    @Override
    public Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
      return Rules.shared(dx, x.lessEqual(y), x.equal(y));
    }

    @Override
    public Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
      return Rules.shared(dy, y.lessEqual(x), x.equal(y));
    }
  }
}
