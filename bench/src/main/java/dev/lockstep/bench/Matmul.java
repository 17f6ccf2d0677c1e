package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** A product of two matrices of 1024 x 1024 floats. */
public class Matmul extends Workload {
  private static final int N = 1024;

  private final Tensor left = Tensor.of(uniform(N * N), Shape.of(N, N));
  private final Tensor right = Tensor.of(uniform(N * N), Shape.of(N, N));
  private final Fn2<Tensor, Tensor, Tensor> product = jit(Tensor::matmul);

  @Benchmark
  public void matmul() {
    product.apply(left, right).close();
  }
}
