package dev.lockstep.examples;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.Control;
import dev.lockstep.Scanned;
import dev.lockstep.Step;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Pendulums that start from six angles: Runge and Kutta's method is written for one of them as a
 * {@code scan} over time, {@code vmap} runs all; the wider they swing, the slower they are.
 */
public final class OdeEnsemble {
  private static final double INTERVAL = 0.01;
  private static final int STEPS = 5000;

  private OdeEnsemble() {}

  /** A pendulum of length and gravity 1: its angle and angular velocity. */
  record State(Tensor angle, Tensor velocity) {
    State rate() {
      return new State(velocity, angle.sin().neg());
    }

    State plus(State rate, double time) {
      return new State(angle.add(rate.angle.mul(time)), velocity.add(rate.velocity.mul(time)));
    }

    Tensor energy() {
      return velocity.square().mul(0.5).sub(angle.cos());
    }
  }

  /** Returns the state an interval later, by Runge and Kutta's method of order four. */
  static State next(State now) {
    State k1 = now.rate();
    State k2 = now.plus(k1, INTERVAL / 2).rate();
    State k3 = now.plus(k2, INTERVAL / 2).rate();
    State k4 = now.plus(k3, INTERVAL).rate();
    return now.plus(k1, INTERVAL / 6)
        .plus(k2, INTERVAL / 3)
        .plus(k3, INTERVAL / 3)
        .plus(k4, INTERVAL / 6);
  }

  /** Returns the last state and the angles at all times, {@code f64[steps]}. */
  static Scanned<State, Tensor> swing(State start) {
    return Control.scan((State now) -> new Step<>(next(now), now.angle), start, STEPS);
  }

  /**
   * The ensemble's way.
   *
   * @param angles {@code f64[pendulums, steps]}
   * @param drift the largest change of a pendulum's energy
   */
  record Result(Tensor amplitudes, Tensor angles, double drift) {
    /** Returns a pendulum's period from the times at which it falls through the vertical. */
    double period(int pendulum) {
      double[] angle = angles.get(pendulum).toDoubleArray();
      List<Double> falls = new ArrayList<>();
      for (int i = 1; i < angle.length; i++) {
        if (angle[i - 1] > 0 && angle[i] <= 0) {
          falls.add(INTERVAL * (i - angle[i] / (angle[i] - angle[i - 1])));
        }
      }
      return (falls.getLast() - falls.getFirst()) / (falls.size() - 1);
    }

    /** Returns the period {@code 2π / agm(1, cos(amplitude / 2))}, Gauss' formula. */
    double exactPeriod(int pendulum) {
      double a = 1;
      double g = Math.cos(amplitudes.get(pendulum).item() / 2);
      while (a - g > 1e-15) {
        double mean = (a + g) / 2;
        g = Math.sqrt(a * g);
        a = mean;
      }
      return 2 * Math.PI / a;
    }
  }

  static Result compute() {
    Tensor amplitudes = Tensor.of(10.0, 45.0, 90.0, 120.0, 150.0, 175.0).mul(Math.PI / 180);
    State start = new State(amplitudes, amplitudes.mul(0));
    Fn<State, Scanned<State, Tensor>> ensemble = jit(vmap(OdeEnsemble::swing));
    Scanned<State, Tensor> end = ensemble.apply(start);
    double drift = end.carry().energy().sub(start.energy()).abs().max().item();
    return new Result(amplitudes, end.ys(), drift);
  }

  /** Prints the periods and draws the angles. */
  public static void main(String[] arguments) {
    Result result = compute();
    Tensor times = Tensor.linspace(0, INTERVAL * (STEPS - 1), STEPS);
    List<Chart.Series> series = new ArrayList<>();
    for (int i = 0; i < result.amplitudes.size(); i++) {
      double degrees = Math.toDegrees(result.amplitudes.get(i).item());
      System.out.printf(
          "from %3.0f degrees: period %.7f, exact %.7f%n",
          degrees, result.period(i), result.exactPeriod(i));
      String name = Math.round(degrees) + "°";
      series.add(new Chart.Series(name, times, result.angles.get(i), true));
    }
    System.out.printf("largest change of an energy: %.1e%n", result.drift);
    new Chart("Pendulums that start at rest", "time", "angle", series).write("ode-ensemble.svg");
  }
}
