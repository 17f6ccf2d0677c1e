package dev.lockstep;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;

/** Learning rates that change with the steps. */
public final class Schedules {
  private Schedules() {}

  /** Returns the same rate for all steps. */
  public static Schedule constant(double rate) {
    return _ -> Tensor.scalar(rate);
  }

  /** Returns {@code rate · decay^(step / steps)}. */
  public static Schedule exponentialDecay(double rate, long steps, double decay) {
    requirePositive("exponentialDecay", steps);
    if (!(decay > 0)) {
      throw new IllegalArgumentException("exponentialDecay: expected a decay > 0, got " + decay);
    }
    return step -> real(step).mul(Math.log(decay) / steps).exp().mul(rate);
  }

  /**
   * Returns half a cosine from {@code rate} at step 0 down to {@code rate · floor} at {@code steps}
   * and after.
   */
  public static Schedule cosine(double rate, long steps, double floor) {
    requirePositive("cosine", steps);
    return step -> {
      Tensor done = real(step).minimum((double) steps).mul(Math.PI / steps);
      Tensor wave = done.cos().add(1.0).mul(0.5);
      return wave.mul(1 - floor).add(floor).mul(rate);
    };
  }

  /**
   * Rises in a straight line from {@code from} to {@code to} over {@code steps}, then goes on as
   * {@code after}, which counts from there.
   */
  public static Schedule warmUp(double from, double to, long steps, Schedule after) {
    requirePositive("warmUp", steps);
    return step -> {
      Tensor line = real(step).mul((to - from) / steps).add(from);
      Tensor later = after.at(step.sub(steps).maximum(0L));
      return Tensor.where(step.less(steps), line, later);
    };
  }

  private static Tensor real(Tensor step) {
    return step.cast(DType.F64);
  }

  private static void requirePositive(String name, long steps) {
    if (steps < 1) {
      throw new IllegalArgumentException(name + ": expected 1 step or more, got " + steps);
    }
  }
}
