package dev.lockstep.runtime;

import java.math.BigDecimal;
import java.util.Arrays;

/** One layout for all floating-point elements of an array that are shown: NumPy's rules. */
final class DecimalColumn {
  private final Decimals decimals;
  private final boolean scientific;

  /** The widest text left of the point, and the most characters right of it. */
  private int left;

  private int right;

  /** In the scientific form: digits after the point and digits of the exponent. */
  private int fraction;

  private int exponentDigits;

  DecimalColumn(double[] values, Decimals decimals) {
    this.decimals = decimals;
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    this.scientific = needsScientific(finite);
    if (scientific) {
      measureScientific(finite);
    } else {
      measurePositional(finite);
    }
    for (double value : values) {
      if (!Double.isFinite(value)) {
        left = Math.max(left, Decimals.special(value).length() - right - 1);
      }
    }
  }

  String format(double value) {
    if (!Double.isFinite(value)) {
      return padLeft(Decimals.special(value), left + right + 1);
    }
    if (scientific) {
      String text = Decimals.scientific(value, withFraction(value), exponentDigits);
      return padLeft(text, left + text.length() - text.indexOf('.'));
    }
    String text = decimals.positional(value, Decimals.PRECISION);
    int point = text.indexOf('.');
    return " ".repeat(left - point) + text + " ".repeat(right - (text.length() - point - 1));
  }

  /** Very large or small values, or both, take the scientific form. */
  private boolean needsScientific(double[] finite) {
    double max = 0;
    double min = Double.POSITIVE_INFINITY;
    for (double value : finite) {
      if (value != 0) {
        max = Math.max(max, Math.abs(value));
        min = Math.min(min, Math.abs(value));
      }
    }
    if (max == 0) {
      return false;
    }
    return decimals.single()
        ? max >= 1e6 || min < 1e-4f || (float) max / (float) min > 1000
        : max >= 1e8 || min < 1e-4 || max / min > 1000;
  }

  private void measurePositional(double[] finite) {
    for (double value : finite) {
      String text = decimals.positional(value, Decimals.PRECISION);
      int point = text.indexOf('.');
      left = Math.max(left, point);
      right = Math.max(right, text.length() - point - 1);
    }
  }

  private void measureScientific(double[] finite) {
    for (double value : finite) {
      BigDecimal digits = decimals.significant(value);
      String text = Decimals.scientific(value, digits, 2);
      left = Math.max(left, text.indexOf('.'));
      fraction = Math.max(fraction, text.indexOf('e') - text.indexOf('.') - 1);
      exponentDigits = Math.max(exponentDigits, text.length() - text.indexOf('e') - 2);
    }
    right = exponentDigits + 2 + fraction;
  }

  private BigDecimal withFraction(double value) {
    if (value == 0) {
      return BigDecimal.ZERO.setScale(fraction);
    }
    BigDecimal rounded = Decimals.rounded(value, fraction);
    return rounded.setScale(rounded.scale() + fraction + 1 - rounded.precision());
  }

  private static String padLeft(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }
}
