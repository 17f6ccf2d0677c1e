package dev.lockstep.runtime;

/** Prints arrays as NumPy's {@code str} does. */
final class ArrayPrinter {
  private ArrayPrinter() {}

  static String print(Array array) {
    return "";
  }
}
