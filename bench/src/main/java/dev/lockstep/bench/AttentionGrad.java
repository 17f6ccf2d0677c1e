package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The gradient of the sum of {@link Attention} with respect to q, k and v. */
public class AttentionGrad extends Workload {
  /** What attention takes. */
  public record Sequences(Tensor q, Tensor k, Tensor v) {}

  @Param({"32x64x64", "64x256x64", "16x512x64"})
  String shape;

  private Sequences sequences;
  private final Fn3<Tensor, Tensor, Tensor, Tensor> mapped = vmap(Attention::attention);
  private final Fn<Sequences, Sequences> gradient =
      jit(grad((Sequences s) -> mapped.apply(s.q(), s.k(), s.v()).sum()));

  @Setup
  public void inputs() {
    Tensor values = uniform(Attention.shape(shape));
    sequences = new Sequences(values.mul(1.5), values.mul(-0.5).add(0.25), values);
  }

  @Benchmark
  public void lockstep() {
    closing(() -> gradient.apply(sequences));
  }
}
