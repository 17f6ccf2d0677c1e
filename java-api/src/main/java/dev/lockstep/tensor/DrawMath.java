package dev.lockstep.tensor;

import static dev.lockstep.tensor.KeyBits.like;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.BinaryFloating;
import dev.lockstep.program.primitive.Drawing;
import dev.lockstep.program.primitive.MultiplyAdd;

/**
 * What draws compute with: functions that round as XLA's CPU compiler rounds them, so that draws
 * are JAX's bit for bit. Operands have one type. To be called while a trace is current.
 */
final class DrawMath {
  private DrawMath() {}

  /** Lanczos' coefficients for g = 7 and 9 terms; the first, 1 to the last bit, stands apart. */
  private static final double[] LANCZOS = {
    676.520368121885098567009190444019,
    -1259.13921672240287047156078755283,
    771.3234287776530788486528258894,
    -176.61502916214059906584551354,
    12.507343278686904814458936853,
    -0.13857109526572011689554707,
    9.984369578019570859563e-6,
    1.50563273514931155834e-7
  };

  private static final double LANCZOS_G = 7;

  /** Returns {@code x y + z}, rounded once. */
  static Tensor multiplyAdd(Tensor x, Tensor y, Tensor z) {
    return Trace.bind(new MultiplyAdd(), x, y, z);
  }

  /** Returns {@code x y + z}, rounded once. */
  static Tensor multiplyAdd(Tensor x, double y, double z) {
    return multiplyAdd(x, like(x, y), like(x, z));
  }

  static Tensor exp(Tensor x) {
    return Trace.bind(new Drawing.XlaExp(), x);
  }

  static Tensor log(Tensor x) {
    return Trace.bind(new Drawing.XlaLog(), x);
  }

  static Tensor log1p(Tensor x) {
    return Trace.bind(new Drawing.XlaLog1p(), x);
  }

  static Tensor tan(Tensor x) {
    return Trace.bind(new Drawing.XlaTan(), x);
  }

  static Tensor erf(Tensor x) {
    return Trace.bind(new Drawing.XlaErf(), x);
  }

  static Tensor erfInv(Tensor x) {
    return Trace.bind(new Drawing.XlaErfInv(), x);
  }

  static Tensor pow(Tensor x, Tensor y) {
    return Trace.bind(new BinaryFloating.XlaPow(), x, y);
  }

  /**
   * Returns the logarithm of the factorial of {@code k}, which is not negative (Lanczos, "A
   * precision approximation of the gamma function", SIAM Journal on Numerical Analysis 1, 1964).
   */
  static Tensor logFactorial(Tensor k) {
    Tensor sum = like(k, 1);
    for (int i = 0; i < LANCZOS.length; i++) {
      sum = sum.add(like(k, LANCZOS[i]).div(k.add(like(k, i + 1))));
    }
    double shift = LANCZOS_G + 0.5;
    Tensor logT = log1p(k.mul(like(k, 1 / shift))).add(like(k, Math.log(shift)));
    Tensor power = k.add(like(k, 0.5)).sub(k.add(like(k, shift)).div(logT));
    double halfLogOfTwoPi = Math.log(2 * Math.PI) / 2;
    return multiplyAdd(power, logT, like(k, halfLogOfTwoPi)).add(log(sum));
  }
}
