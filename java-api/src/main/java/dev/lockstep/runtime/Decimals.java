package dev.lockstep.runtime;

import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.DType;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Floating-point numbers as decimals, as NumPy prints them: the fewest digits that tell them apart.
 */
record Decimals(DType dtype) {
  /** The most digits after the point in arrays. */
  static final int PRECISION = 8;

  /** Returns whether there are at most the digits of f32. */
  boolean single() {
    return dtype != DType.F64;
  }

  /** Returns the decimal of the fewest digits that rounds to the finite value. */
  BigDecimal shortest(double value) {
    BigDecimal digits =
        switch (dtype) {
          case F32 -> new BigDecimal(Float.toString((float) value));
          case BF16 -> shortestBf16(value);
          default -> new BigDecimal(Double.toString(value));
        };
    // Java prints two digits where one would do.
    BigDecimal one = digits.round(new MathContext(1, RoundingMode.HALF_EVEN));
    return (rounded(one) == value ? one : digits).stripTrailingZeros();
  }

  private double rounded(BigDecimal digits) {
    return switch (dtype) {
      case F32 -> digits.floatValue();
      case BF16 -> BFloat16.round(digits.doubleValue());
      default -> digits.doubleValue();
    };
  }

  private BigDecimal shortestBf16(double value) {
    BigDecimal exact = new BigDecimal(value);
    BigDecimal digits = exact;
    for (int count = 1; count <= 4; count++) {
      digits = exact.round(new MathContext(count, RoundingMode.HALF_EVEN));
      if (rounded(digits) == value) {
        return digits;
      }
    }
    return digits;
  }

  /** Returns the value of a scalar: all its digits. */
  String scalar(double value) {
    if (!Double.isFinite(value)) {
      return special(value);
    }
    double size = Math.abs(value);
    if (size == 0 || size >= 1e-4 && size < (single() ? 1e6 : 1e16)) {
      String text = positional(value, Integer.MAX_VALUE);
      return text.endsWith(".") ? text + "0" : text;
    }
    String text = scientific(value, shortest(value), 2);
    return text.replace(".e", "e");
  }

  static String special(double value) {
    return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  }

  /** Returns {@code 12.5}, {@code 3.}, with at most {@code precision} digits after the point. */
  String positional(double value, int precision) {
    BigDecimal digits = shortest(value);
    if (digits.scale() > precision) {
      digits =
          new BigDecimal(value).setScale(precision, RoundingMode.HALF_EVEN).stripTrailingZeros();
    }
    String text = digits.abs().toPlainString();
    return sign(value) + (text.contains(".") ? text : text + ".");
  }

  /** Returns the digits that the scientific form shows at most, without trailing zeros. */
  BigDecimal significant(double value) {
    BigDecimal digits = shortest(value);
    return digits.precision() <= PRECISION + 1
        ? digits
        : rounded(value, PRECISION).stripTrailingZeros();
  }

  /** Returns the value rounded to {@code fraction} digits after the first. */
  static BigDecimal rounded(double value, int fraction) {
    return new BigDecimal(value).round(new MathContext(fraction + 1, RoundingMode.HALF_EVEN));
  }

  /** Returns {@code 1.25e-05}, {@code 3.e+10} with these digits of the value. */
  static String scientific(double value, BigDecimal digits, int exponentDigits) {
    String text =
        digits.signum() == 0
            ? "0".repeat(digits.scale() + 1)
            : digits.unscaledValue().abs().toString();
    int exponent = exponent(digits);
    return "%s%s.%se%s%s"
        .formatted(
            sign(value),
            text.substring(0, 1),
            text.substring(1),
            exponent < 0 ? "-" : "+",
            ("%0" + exponentDigits + "d").formatted(Math.abs(exponent)));
  }

  static int exponent(BigDecimal digits) {
    return digits.signum() == 0 ? 0 : digits.precision() - digits.scale() - 1;
  }

  private static String sign(double value) {
    return Double.doubleToRawLongBits(value) < 0 ? "-" : "";
  }
}
