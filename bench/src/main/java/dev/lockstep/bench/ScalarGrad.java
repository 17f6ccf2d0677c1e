package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** The derivative of sin(x) exp(x) at 1 Mi points. */
public class ScalarGrad extends Workload {
  private final Tensor x = uniform(1, 1 << 20);
  private final Fn<Tensor, Tensor> derivative = jit(vmap(grad((Tensor v) -> v.sin().mul(v.exp()))));

  @Benchmark
  public void lockstep() {
    derivative.apply(x).close();
  }
}
