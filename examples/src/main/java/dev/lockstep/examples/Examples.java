package dev.lockstep.examples;

import java.util.LinkedHashMap;
import java.util.Map;

/** Runs all examples and prints what each shows. */
public final class Examples {
  private Examples() {}

  /** A program's {@code main} without arguments. */
  private interface Example {
    void main(String[] arguments);
  }

  private static final Map<String, Example> ALL = new LinkedHashMap<>();

  static {
    ALL.put("Black and Scholes: greeks of a portfolio", BlackScholes::main);
    ALL.put("Logistic regression: Fisher's irises", IrisRegression::main);
    ALL.put("A perceptron: handwritten digits", DigitsNetwork::main);
    ALL.put("Private training: clipped gradients and noise", PrivateTraining::main);
    ALL.put("Levenberg and Marquardt: a curve through NIST's Misra1a", CurveFit::main);
    ALL.put("Newton's method: a likelihood's maximum", NewtonMethod::main);
    ALL.put("An ensemble of differential equations: pendulums", OdeEnsemble::main);
    ALL.put("A Kalman filter: the Nile", KalmanFilter::main);
  }

  /** Runs them in the order in which they are listed. */
  public static void main(String[] arguments) {
    ALL.forEach((title, example) -> {
      System.out.println("== " + title);
      long start = System.nanoTime();
      example.main(arguments);
      System.out.printf("(%.1f s)%n%n", (System.nanoTime() - start) / 1e9);
    });
  }
}
