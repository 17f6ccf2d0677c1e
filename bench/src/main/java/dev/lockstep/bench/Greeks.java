package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;

/** The sensitivities of a million Black-Scholes call prices to all five inputs, in f64. */
public class Greeks extends Workload {
  private static final int OPTIONS = 1_000_000;

  /** Options: each tensor is a scalar or has one element an option. */
  public record Call(Tensor spot, Tensor strike, Tensor years, Tensor rate, Tensor volatility) {
    Tensor price() {
      Tensor deviation = volatility.mul(years.sqrt());
      Tensor drift = rate.add(volatility.square().mul(0.5)).mul(years);
      Tensor d1 = spot.div(strike).log().add(drift).div(deviation);
      Tensor d2 = d1.sub(deviation);
      Tensor discount = rate.mul(years).neg().exp();
      return spot.mul(normal(d1)).sub(strike.mul(discount).mul(normal(d2)));
    }

    /** Returns the distribution function of the standard normal distribution. */
    private static Tensor normal(Tensor x) {
      return x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
    }
  }

  private final Call calls =
      new Call(
          between(80, 120), between(80, 120), between(0.1, 2), between(0, 0.05), between(0.1, 0.5));
  private final Fn<Call, Call> greeks = jit(vmap(grad(Call::price)));

  private static Tensor between(double low, double high) {
    SplittableRandom random = new SplittableRandom(Double.hashCode(low + high));
    return Tensor.of(random.doubles(OPTIONS, low, high).toArray());
  }

  @Benchmark
  public void lockstep() {
    closing(() -> greeks.apply(calls));
  }
}
