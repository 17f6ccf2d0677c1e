package dev.lockstep;

import dev.lockstep.tensor.Tensor;

/** A learning rate that depends on the number of steps taken before. */
@FunctionalInterface
public interface Schedule {
  /**
   * Returns the rate, {@code f64[]}.
   *
   * @param step the number of steps taken before, {@code i32[]}
   */
  Tensor at(Tensor step);
}
