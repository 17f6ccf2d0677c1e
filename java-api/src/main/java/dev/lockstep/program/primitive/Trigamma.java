package dev.lockstep.program.primitive;

import dev.lockstep.tensor.Tensor;

/** The derivative of digamma, composed of other ops, so that it has all derivatives itself. */
final class Trigamma {
  /** How far the recurrence carries x before the series is used. */
  private static final int SHIFT = 12;

  /** The Bernoulli numbers B2, B4 … of the asymptotic series. */
  private static final double[] BERNOULLI = {
    1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6
  };

  private Trigamma() {}

  /**
   * Returns {@code sum over k >= 0 of 1 / (x + k)^2} (Abramowitz and Stegun 6.4.6, 6.4.7, 6.4.12).
   */
  static Tensor of(Tensor x) {
    Tensor reflect = x.less(Rules.like(x, 0.5));
    Tensor positive = Tensor.where(reflect, Rules.like(x, 1).sub(x), x);
    Tensor value = ofPositive(positive);
    Tensor angle = x.sub(x.round()).mul(Rules.like(x, Math.PI));
    Tensor safe = Tensor.where(reflect, angle, Rules.like(x, 1));
    Tensor cosecant = Rules.like(x, Math.PI).div(safe.sin());
    return Tensor.where(reflect, cosecant.square().sub(value), value);
  }

  private static Tensor ofPositive(Tensor x) {
    Tensor sum = x.square().reciprocal();
    for (int k = 1; k < SHIFT; k++) {
      sum = sum.add(x.add(Rules.like(x, k)).square().reciprocal());
    }
    Tensor inverse = x.add(Rules.like(x, SHIFT)).reciprocal();
    Tensor square = inverse.square();
    Tensor series = Rules.like(x, BERNOULLI[BERNOULLI.length - 1]);
    for (int i = BERNOULLI.length - 2; i >= 0; i--) {
      series = series.mul(square).add(Rules.like(x, BERNOULLI[i]));
    }
    Tensor tail = series.mul(square).add(Rules.like(x, 1)).add(inverse.mul(Rules.like(x, 0.5)));
    return sum.add(inverse.mul(tail));
  }
}
