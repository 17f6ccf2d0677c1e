package dev.lockstep.bench;

import static dev.lockstep.Control.scan;
import static dev.lockstep.Lockstep.jit;

import dev.lockstep.Step;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** The last state of h = tanh(h W + x U): 128 steps, width 64, batch 32. */
public class Rnn extends Workload {
  static final long STEPS = 128;
  static final long BATCH = 32;
  static final long WIDTH = 64;

  /** The parameters of a step. */
  public record Cell(Tensor w, Tensor u) {
    static Cell create() {
      return new Cell(uniform(0.2, WIDTH, WIDTH), uniform(0.2, WIDTH, WIDTH));
    }
  }

  private final Cell cell = Cell.create();
  private final Tensor xs = uniform(1, STEPS, BATCH, WIDTH);
  private final Fn2<Cell, Tensor, Tensor> rnn = jit(Rnn::lastState);

  static Tensor lastState(Cell cell, Tensor xs) {
    Fn2<Tensor, Tensor, Step<Tensor, Tensor>> step =
        (h, x) -> new Step<>(h.matmul(cell.w()).add(x.matmul(cell.u())).tanh(), null);
    return scan(step, Tensor.zeros(BATCH, WIDTH), xs).carry();
  }

  @Benchmark
  public void lockstep() {
    rnn.apply(cell, xs).close();
  }
}
