package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.valueAndGrad;

import dev.lockstep.ValueAndGrad;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** Value and gradient of {@link Perceptron}'s error over a batch. */
public class MlpGrad extends Workload {
  private final Perceptron parameters = Perceptron.create();
  private final Tensor x = Perceptron.images();
  private final Tensor y = Perceptron.targets();
  private final Fn3<Perceptron, Tensor, Tensor, ValueAndGrad<Perceptron>> step =
      jit(valueAndGrad(Perceptron::loss));

  @Benchmark
  public void lockstep() {
    closing(() -> step.apply(parameters, x, y));
  }
}
