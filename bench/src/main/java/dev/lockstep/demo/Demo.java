package dev.lockstep.demo;

import java.io.IOException;

/**
 * What Lockstep does, in three parts: mapping a function over a batch, differentiating it, and both
 * on attention. Each part computes values whose right answer is known, and times them beside a
 * loop.
 */
public final class Demo {
  private Demo() {}

  public static void main(String[] arguments) throws IOException {
    VmapNotebook.run();
    AutodiffNotebook.run();
    Attention.run();
  }

  static void title(String text) {
    System.out.println();
    System.out.println(text);
    System.out.println("=".repeat(text.length()));
  }

  /** Runs what must fail, and prints the error that the user would see. */
  static void printError(String what, Runnable mistake) {
    try {
      mistake.run();
    } catch (RuntimeException e) {
      System.out.println(what + " fails:");
      System.out.println("  " + e.getClass().getSimpleName() + ": " + e.getMessage());
      System.out.println();
      return;
    }
    throw new IllegalStateException(what + " should have failed");
  }

  /** Stops the demo if a value is not what it must be. */
  static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException("demo: wrong result: " + what);
    }
  }
}
