package dev.lockstep.bench;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** One gradient of {@link Perceptron}'s error an example: 274 MB of results. */
public class PerExampleGrad extends Workload {
  private final Perceptron parameters = Perceptron.create();
  private final Tensor x = Perceptron.images();
  private final Tensor y = Perceptron.targets();
  private final Fn3<Perceptron, Tensor, Tensor, Perceptron> gradients =
      jit(vmap(grad(Perceptron::loss), in(NONE, 0, 0)));

  @Benchmark
  public void lockstep() {
    closing(() -> gradients.apply(parameters, x, y));
  }
}
