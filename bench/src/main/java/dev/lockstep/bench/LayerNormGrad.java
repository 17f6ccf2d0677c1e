package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** The gradient of the sum of squares of a layer norm with respect to all that it takes. */
public class LayerNormGrad extends Workload {
  /** What the layer takes. */
  public record Layer(Tensor x, Tensor scale, Tensor bias) {}

  private final Layer layer =
      new Layer(uniform(1, 4096, 768), uniform(0.5, 768).add(1), uniform(0.1, 768));
  private final Fn<Layer, Layer> gradient =
      jit(grad((Layer l) -> Nn.layerNorm(l.x(), l.scale(), l.bias(), 1e-5).square().sum()));

  @Benchmark
  public void lockstep() {
    closing(() -> gradient.apply(layer));
  }
}
