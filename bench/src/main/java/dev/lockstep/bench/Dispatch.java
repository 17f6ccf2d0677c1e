package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** x + 1 on four floats: what a call costs when there is nothing to compute. */
public class Dispatch extends Workload {
  private final Tensor x = Tensor.of(uniform(4));
  private final Fn<Tensor, Tensor> addOne = jit(v -> v.add(1));

  @Benchmark
  public void lockstep() {
    addOne.apply(x).close();
  }

  /** The same with results that nobody closes: the garbage collector finds them. */
  @Benchmark
  public Tensor lockstepUnclosed() {
    return addOne.apply(x);
  }

  @Benchmark
  public void lockstepEager() {
    x.add(1).close();
  }
}
