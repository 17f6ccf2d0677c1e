package dev.lockstep.tensor;

import static dev.lockstep.tensor.KeyBits.like;
import static dev.lockstep.tensor.KeyBits.unit;

/**
 * Floating draws that are a formula of uniform ones, with JAX's formulas, so that the same key
 * gives the same values. Keys are {@code i32[…, 2]} as in {@link KeyBits}.
 */
final class FloatDraws {
  private FloatDraws() {}

  /** The ends of the open interval of {@link #normal} and {@link #laplace}, and of the others. */
  private static double aboveMinusOne(DType dtype) {
    return dtype == DType.F32 ? Math.nextUp(-1f) : Math.nextUp(-1.0);
  }

  private static double epsilon(DType dtype) {
    return dtype.epsilon();
  }

  private static double smallestNormal(DType dtype) {
    return dtype == DType.F32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
  }

  /** In {@code [low, high)}; rounding may reach low, never less. */
  static Tensor uniform(
      Tensor key, Key.Mode mode, DType dtype, Shape shape, Tensor low, Tensor high) {
    return unit(key, mode, dtype, shape).mul(high.sub(low)).add(low).maximum(low);
  }

  /** In {@code [low, 1)} for a low of at least -1: the width {@code 1 - low} rounds as in JAX. */
  private static Tensor above(Tensor key, Key.Mode mode, DType dtype, Shape shape, double low) {
    Tensor unit = unit(key, mode, dtype, shape);
    double width = dtype == DType.F32 ? 1 - (float) low : 1 - low;
    return unit.mul(like(unit, width)).add(like(unit, low));
  }

  static Tensor normal(Tensor key, Key.Mode mode, DType dtype, Shape shape) {
    Tensor u = above(key, mode, dtype, shape, aboveMinusOne(dtype));
    return u.erfInv().mul(like(u, Math.sqrt(2)));
  }

  /** The logarithm is of {@code 1 - u}, which is never 0. */
  static Tensor exponential(Tensor key, Key.Mode mode, DType dtype, Shape shape) {
    return unit(key, mode, dtype, shape).neg().log1p().neg();
  }

  static Tensor gumbel(Tensor key, Key.Mode mode, DType dtype, Shape shape) {
    return above(key, mode, dtype, shape, smallestNormal(dtype)).log().neg().log().neg();
  }

  static Tensor laplace(Tensor key, Key.Mode mode, DType dtype, Shape shape) {
    Tensor u = above(key, mode, dtype, shape, aboveMinusOne(dtype));
    return u.sign().mul(u.abs().neg().log1p());
  }

  static Tensor cauchy(Tensor key, Key.Mode mode, DType dtype, Shape shape) {
    Tensor u = above(key, mode, dtype, shape, epsilon(dtype));
    return u.sub(like(u, 0.5)).mul(like(u, Math.PI)).tan();
  }

  /** By the inverse of the distribution, then kept from rounding onto the ends or beyond. */
  static Tensor truncatedNormal(
      Tensor key, Key.Mode mode, DType dtype, Shape shape, Tensor lower, Tensor upper) {
    Tensor low = erfOfNormal(lower);
    Tensor high = erfOfNormal(upper);
    Tensor x = uniform(key, mode, dtype, shape, low, high).erfInv();
    Tensor scaled = x.mul(like(x, Math.sqrt(2)));
    return scaled.clip(next(lower.stopGradient(), 1), next(upper.stopGradient(), -1));
  }

  private static Tensor erfOfNormal(Tensor bound) {
    return bound.div(like(bound, Math.sqrt(2))).erf();
  }

  /**
   * Returns the neighbour of {@code x} above (sign 1) or below (sign -1), by adding a little more
   * than half of the distance (Rump and others, "Computing predecessor and successor in rounding to
   * nearest", BIT 49, 2009). Infinite ends stay.
   */
  private static Tensor next(Tensor x, int sign) {
    double half = epsilon(x.dtype()) / 2;
    double least = x.dtype() == DType.F32 ? Float.MIN_VALUE : Double.MIN_VALUE;
    Tensor step = x.abs().mul(like(x, half * (1 + 2 * half))).add(like(x, least));
    Tensor moved = x.add(step.mul(like(x, sign)));
    return Tensor.where(x.isInf(), x, moved);
  }
}
