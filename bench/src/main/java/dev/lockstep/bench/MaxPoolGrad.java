package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Padding;
import dev.lockstep.tensor.PoolOptions;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** The gradient of the sum of squares of an overlapping max pooling of images. */
public class MaxPoolGrad extends Workload {
  private static final PoolOptions OPTIONS =
      PoolOptions.of(3, 3).strides(2, 2).padding(Padding.around(1, 1));

  private final Tensor images = uniform(1, 4, 64, 56, 56);
  private final Fn<Tensor, Tensor> gradient =
      jit(grad((Tensor x) -> Nn.maxPool(x, OPTIONS).square().sum()));

  @Benchmark
  public void lockstep() {
    gradient.apply(images).close();
  }
}
