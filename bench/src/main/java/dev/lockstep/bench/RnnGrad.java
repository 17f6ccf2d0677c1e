package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** The gradient of the mean square of {@link Rnn}'s last state with respect to its parameters. */
public class RnnGrad extends Workload {
  private final Rnn.Cell cell = Rnn.Cell.create();
  private final Tensor xs = uniform(1, Rnn.STEPS, Rnn.BATCH, Rnn.WIDTH);
  private final Fn2<Rnn.Cell, Tensor, Rnn.Cell> gradient =
      jit(grad((Rnn.Cell c, Tensor x) -> Rnn.lastState(c, x).square().mean()));

  @Benchmark
  public void lockstep() {
    closing(() -> gradient.apply(cell, xs));
  }
}
