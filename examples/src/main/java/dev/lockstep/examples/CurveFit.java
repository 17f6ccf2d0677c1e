package dev.lockstep.examples;

import static dev.lockstep.Derivatives.jacobian;
import static dev.lockstep.Derivatives.valueAndJacobian;
import static dev.lockstep.Lockstep.jit;

import dev.lockstep.ValueAndJacobian;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.LinAlg;
import dev.lockstep.tensor.Tensor;
import java.util.List;

/**
 * Levenberg and Marquardt's method: a curve through NIST's data set Misra1a, with the residuals'
 * Jacobian from {@code valueAndJacobian} and {@code LinAlg.solve} for each step.
 */
public final class CurveFit {
  private CurveFit() {}

  /** Returns the volumes {@code b0 (1 - exp(-b1 x))} at these pressures. */
  static Tensor curve(Tensor b, Tensor x) {
    return b.get(0).mul(b.get(1).mul(x).neg().expm1().neg());
  }

  static Tensor residuals(Tensor b, Tensor x, Tensor y) {
    return curve(b, x).sub(y);
  }

  private static Tensor squares(Tensor b, Tensor x, Tensor y) {
    return residuals(b, x, y).square().sum();
  }

  /** Returns the step that solves {@code (JᵀJ + damping · diag(JᵀJ)) step = -Jᵀ r}. */
  private static Tensor step(Tensor b, Tensor x, Tensor y, Tensor damping) {
    ValueAndJacobian<Tensor> at = valueAndJacobian(CurveFit::residuals).apply(b, x, y);
    Tensor transposed = at.jacobian().transpose();
    Tensor normal = transposed.matmul(at.jacobian());
    Tensor damped = normal.add(normal.diagonal().mul(damping).diag());
    return LinAlg.solve(damped, transposed.matmul(at.value()).neg());
  }

  /**
   * Where the fit ended.
   *
   * @param errors the parameters' standard deviations
   */
  record Result(Table data, Tensor parameters, Tensor errors, double squares, int steps) {}

  static Result compute() {
    Table data = Table.read("misra1a.csv");
    Tensor x = data.column("pressure");
    Tensor y = data.column("volume");
    Fn4<Tensor, Tensor, Tensor, Tensor, Tensor> step = jit(CurveFit::step);
    Fn3<Tensor, Tensor, Tensor, Tensor> squares = jit(CurveFit::squares);
    Tensor b = Tensor.of(500.0, 1e-4);
    double sum = squares.apply(b, x, y).item();
    double damping = 1e-3;
    int steps = 0;
    // A step that changes the parameters by less than 1e-10 of themselves is the last.
    for (double change = 1; change > 1e-10; steps++) {
      Tensor by = step.apply(b, x, y, Tensor.scalar(damping));
      Tensor moved = b.add(by);
      double next = squares.apply(moved, x, y).item();
      change = by.div(b).abs().max().item();
      if (next <= sum) {
        b = moved;
        sum = next;
        damping /= 3;
      } else {
        damping *= 2;
      }
    }
    Tensor jacobian = jacobian(CurveFit::residuals).apply(b, x, y);
    Tensor covariance =
        LinAlg.inv(jacobian.transpose().matmul(jacobian)).mul(sum / (x.size() - b.size()));
    return new Result(data, b, covariance.diagonal().sqrt(), sum, steps);
  }

  /** Prints the parameters and draws the curve. */
  public static void main(String[] arguments) {
    Result result = compute();
    for (int i = 0; i < 2; i++) {
      System.out.printf(
          "b%d = %.10e, standard deviation %.10e%n",
          i, result.parameters.get(i).item(), result.errors.get(i).item());
    }
    System.out.printf("sum of squares %.10e after %d steps%n", result.squares, result.steps);
    Tensor x = Tensor.linspace(0, 800, 200);
    new Chart(
            "Misra1a: volume = b0 (1 - exp(-b1 pressure))",
            "pressure",
            "volume",
            List.of(
                new Chart.Series(
                    "measured",
                    result.data.column("pressure"),
                    result.data.column("volume"),
                    false),
                new Chart.Series("fitted", x, curve(result.parameters, x), true)))
        .write("curve-fit.svg");
  }
}
