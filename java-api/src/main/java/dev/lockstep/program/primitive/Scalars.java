package dev.lockstep.program.primitive;

/** Functions of one element that Java's Math lacks, for the reference: plain rather than fast. */
final class Scalars {
  private static final double SQRT_PI = Math.sqrt(Math.PI);

  private Scalars() {}

  /** Returns {@code x^y} as C and NumPy: 1 to any power and anything to the power 0 are 1. */
  static double pow(double x, double y) {
    boolean unit = x == 1 || (x == -1 && Double.isInfinite(y));
    return unit ? 1 : Math.pow(x, y);
  }

  /** Returns {@code x^y} of integers, wrapping; for negative y the quotient 1 / x^-y towards 0. */
  static long pow(long x, long y) {
    if (y < 0) {
      return x == 1 ? 1 : x == -1 ? 1 - 2 * (y & 1) : 0;
    }
    long result = 1;
    long factor = x;
    for (long rest = y; rest > 0; rest >>= 1) {
      result = (rest & 1) == 1 ? result * factor : result;
      factor *= factor;
    }
    return result;
  }

  /** Returns the logarithm to base 2, exact for powers of 2. */
  static double log2(double x) {
    int exponent = Math.getExponent(x);
    boolean power = Math.scalb(1.0, exponent) == x && x < Double.POSITIVE_INFINITY;
    return power ? exponent : Math.log(x) / Math.log(2);
  }

  static double asinh(double x) {
    double size = Math.abs(x);
    if (Double.isInfinite(x) || size < 1e-8) {
      return x;
    }
    double result =
        size > 1e8
            ? Math.log(size) + Math.log(2)
            : Math.log1p(size + size * size / (1 + Math.sqrt(size * size + 1)));
    return Math.copySign(result, x);
  }

  static double acosh(double x) {
    double above = x - 1;
    if (x < 1) {
      return Double.NaN;
    }
    return x > 1e8
        ? Math.log(x) + Math.log(2)
        : Math.log1p(above + Math.sqrt(2 * above + above * above));
  }

  /**
   * Returns the error function by its series below 2.5, by the continued fraction of erfc above.
   */
  static double erf(double x) {
    return Math.abs(x) < 2.5 ? erfSeries(x) : x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  }

  static double erfc(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    if (x < 0) {
      return 2 - erfc(-x);
    }
    return x < 2.5 ? erfcBelow(x) : erfcFraction(x);
  }

  private static double erfcBelow(double x) {
    return x < 0.5 ? 1 - erfSeries(x) : erfcFraction(x);
  }

  /** Abramowitz and Stegun 7.1.6: all terms have one sign. */
  private static double erfSeries(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / SQRT_PI * Math.exp(-x * x) * sum;
  }

  /** Abramowitz and Stegun 7.1.14, evaluated from the far end. */
  private static double erfcFraction(double x) {
    if (x > 27.3) {
      return 0;
    }
    int terms = (int) (40 + 600 / (x * x));
    double fraction = x;
    for (int n = terms; n >= 1; n--) {
      fraction = x + n / 2.0 / fraction;
    }
    double rounded = (float) x;
    double exponential = Math.exp(-rounded * rounded) * Math.exp((rounded - x) * (rounded + x));
    return exponential / (SQRT_PI * fraction);
  }

  /** Returns the inverse of erf: a rough start by logarithms, then Halley's steps. */
  static double erfInv(double x) {
    if (!(Math.abs(x) < 1)) {
      return Math.abs(x) == 1 ? x / 0.0 : Double.NaN;
    }
    double log = Math.log1p(-x * x);
    double half = 2 / (Math.PI * 0.147) + log / 2;
    double y = Math.copySign(Math.sqrt(Math.sqrt(half * half - log / 0.147) - half), x);
    for (int step = 0; step < 4; step++) {
      double error = Math.abs(x) < 0.5 ? erf(y) - x : tailError(x, y);
      double newton = error * SQRT_PI / 2 * Math.exp(y * y);
      y -= newton / (1 + y * newton);
    }
    return x == 0 ? x : y;
  }

  private static double tailError(double x, double y) {
    return x > 0 ? (1 - x) - erfc(y) : erfc(-y) - (1 + x);
  }

  /**
   * Returns log|gamma(x)|: Stirling's series from 15 on, the recurrence and the reflection below.
   */
  static double lgamma(double x) {
    if (Double.isInfinite(x)) {
      return Double.POSITIVE_INFINITY;
    }
    if (x <= 0 && x == Math.floor(x)) {
      return Double.POSITIVE_INFINITY;
    }
    if (Math.abs(x) < 1e-300) {
      return -Math.log(Math.abs(x));
    }
    if (x < 0.5) {
      return Math.log(Math.PI) - Math.log(Math.abs(sinPi(x))) - lgamma(1 - x);
    }
    double product = 1;
    double z = x;
    for (; z < 15; z++) {
      product *= z;
    }
    double w = 1 / (z * z);
    double tail = (1.0 / 12 - w * (1.0 / 360 - w * (1.0 / 1260 - w * (1.0 / 1680 - w / 1188)))) / z;
    return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + tail - Math.log(product);
  }

  /** Returns the derivative of lgamma: its asymptotic series from 15 on, else as lgamma. */
  static double digamma(double x) {
    if (x <= 0 && x == Math.floor(x)) {
      return Double.NaN;
    }
    if (x < 0.5) {
      return digamma(1 - x) - Math.PI * cosPi(x) / sinPi(x);
    }
    double sum = 0;
    double z = x;
    for (; z < 15; z++) {
      sum -= 1 / z;
    }
    double w = 1 / (z * z);
    double tail = w * (1.0 / 12 - w * (1.0 / 120 - w * (1.0 / 252 - w * (1.0 / 240 - w / 132))));
    return sum + Math.log(z) - 0.5 / z - tail;
  }

  private static double sinPi(double x) {
    double whole = Math.rint(x);
    return Math.sin(Math.PI * (x - whole)) * (whole % 2 == 0 ? 1 : -1);
  }

  private static double cosPi(double x) {
    double whole = Math.rint(x);
    return Math.cos(Math.PI * (x - whole)) * (whole % 2 == 0 ? 1 : -1);
  }
}
