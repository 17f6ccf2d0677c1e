package dev.lockstep.bench.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers for people: three digits and a unit. */
final class Numbers {
  private static final String[] BYTES = {"B", "kB", "MB", "GB"};

  private Numbers() {}

  static String microseconds(double time) {
    if (time >= 1e6) {
      return digits(time / 1e6) + " s";
    }
    return time >= 1000 ? digits(time / 1000) + " ms" : digits(time) + " us";
  }

  static String bytes(double bytes) {
    int unit = 0;
    double scaled = bytes;
    while (scaled >= 1000 && unit < BYTES.length - 1) {
      scaled /= 1000;
      unit++;
    }
    return digits(scaled) + " " + BYTES[unit];
  }

  static String ratio(double ratio) {
    String format = ratio < 10 ? "%.2fx" : ratio < 100 ? "%.1fx" : "%.0fx";
    return String.format(Locale.ROOT, format, ratio);
  }

  /** Returns three digits without an exponent. */
  static String digits(double value) {
    return value == 0
        ? "0"
        : BigDecimal.valueOf(value).round(new MathContext(3)).stripTrailingZeros().toPlainString();
  }
}
