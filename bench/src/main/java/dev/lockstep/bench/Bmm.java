package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** 64 products of 128 x 128 matrices. */
public class Bmm extends Workload {
  private final Tensor left = uniform(1, 64, 128, 128);
  private final Tensor right = uniform(1, 64, 128, 128);
  private final Fn2<Tensor, Tensor, Tensor> products = jit(vmap(Tensor::matmul));

  @Benchmark
  public void lockstep() {
    products.apply(left, right).close();
  }
}
