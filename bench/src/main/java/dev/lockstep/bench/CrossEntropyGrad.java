package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** The gradient of the mean cross-entropy of logits and labels. */
public class CrossEntropyGrad extends Workload {
  private static final int EXAMPLES = 4096;
  private static final int CLASSES = 1000;

  private final Tensor logits = uniform(1, EXAMPLES, CLASSES);
  private final Tensor labels = Tensor.arange(EXAMPLES).mul(7).rem(CLASSES).cast(DType.I32);
  private final Fn2<Tensor, Tensor, Tensor> gradient =
      jit(grad((x, y) -> Nn.crossEntropy(x, y).mean()));

  @Benchmark
  public void lockstep() {
    gradient.apply(logits, labels).close();
  }
}
