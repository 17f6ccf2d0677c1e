package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;

import dev.lockstep.demo.LinearLayer;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The Jacobian of X W with respect to W in five ways, n = 10, o = 5, summed over the outputs. */
public class Jacobian extends Workload {
  private static final int EXAMPLES = 10;
  private static final int OUTPUTS = 5;

  @Param({"jacfwd", "vmap(grad)", "vmap(jacfwd)", "jacrev", "vmap(jacrev)"})
  String way;

  @Param({"8", "64", "512"})
  int inputs;

  private Fn2<Tensor, Tensor, Tensor> jacobian;
  private Tensor weights;
  private Tensor x;

  @Setup
  public void inputs() {
    jacobian = jit(LinearLayer.JACOBIANS.get(way));
    weights = uniform(1, inputs, OUTPUTS);
    x = uniform(1, EXAMPLES, inputs);
  }

  @Benchmark
  public void lockstep() {
    jacobian.apply(weights, x).close();
  }
}
