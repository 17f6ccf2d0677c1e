package dev.lockstep.runtime;

import dev.lockstep.error.LockstepException;
import java.util.Locale;

/** Sizes of memory as text: reads {@code 512m}, prints {@code 512.0 MiB}. */
final class ByteSize {
  private static final String UNITS = "kmgt";

  private ByteSize() {}

  /** Returns the size that a system property states, or {@code otherwise} if it is not set. */
  static long property(String name, long otherwise) {
    String text = System.getProperty(name);
    if (text == null) {
      return otherwise;
    }
    try {
      return parse(text.strip().toLowerCase(Locale.ROOT));
    } catch (ArithmeticException | NumberFormatException e) {
      throw new LockstepException(
          "%s: expected a number of bytes such as 1073741824, 512m or 4g, got \"%s\""
              .formatted(name, text),
          e);
    }
  }

  private static long parse(String text) {
    int unit = text.isEmpty() ? -1 : UNITS.indexOf(text.charAt(text.length() - 1));
    String digits = unit < 0 ? text : text.substring(0, text.length() - 1);
    long bytes = Math.multiplyExact(Long.parseLong(digits), 1L << (10 * (unit + 1)));
    if (bytes < 0) {
      throw new NumberFormatException("negative");
    }
    return bytes;
  }

  static String print(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double size = bytes;
    int unit = -1;
    while (size >= 1024 && unit < UNITS.length() - 1) {
      size /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %siB", size, Character.toUpperCase(UNITS.charAt(unit)));
  }
}
