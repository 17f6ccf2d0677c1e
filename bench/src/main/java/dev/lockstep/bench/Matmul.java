package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A product of two square matrices of floats; with n = 2048, the processor's peak. */
public class Matmul extends Workload {
  @Param("1024")
  int n;

  private Tensor left;
  private Tensor right;
  private final Fn2<Tensor, Tensor, Tensor> product = jit(Tensor::matmul);

  @Setup
  public void inputs() {
    left = uniform(1, n, n);
    right = uniform(1, n, n);
  }

  @Benchmark
  public void lockstep() {
    product.apply(left, right).close();
  }
}
