package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** tanh(x) exp(-x^2) + x/2 on 4 Mi floats. */
public class Chain extends Workload {
  private final float[] values = uniform(4 << 20);
  private final Tensor x = Tensor.of(values);
  private final Fn<Tensor, Tensor> chain =
      jit(v -> v.tanh().mul(v.square().neg().exp()).add(v.mul(0.5)));

  @Benchmark
  public void chain() {
    chain.apply(x).close();
  }

  /** One op at a time, each with an array for its result. */
  @Benchmark
  public void chainEager() {
    try (Tensor tanh = x.tanh();
        Tensor square = x.square();
        Tensor negated = square.neg();
        Tensor exp = negated.exp();
        Tensor product = tanh.mul(exp);
        Tensor half = x.mul(0.5);
        Tensor result = product.add(half)) {
      result.shape();
    }
  }

  @Benchmark
  public float[] chainJavaLoop() {
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      double v = values[i];
      result[i] = (float) (Math.tanh(v) * Math.exp(-v * v) + 0.5 * v);
    }
    return result;
  }
}
