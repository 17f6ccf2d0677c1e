package dev.lockstep.bench;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** W x over a batch: W(64, 100), X(16, 100). */
public class Layer extends Workload {
  private static final int OUTPUTS = 64;
  private static final int INPUTS = 100;
  private static final int BATCH = 16;

  private final float[] weightValues = uniform(OUTPUTS * INPUTS);
  private final float[] batchValues = uniform(BATCH * INPUTS);
  private final Tensor weights = Tensor.of(weightValues, Shape.of(OUTPUTS, INPUTS));
  private final Tensor batch = Tensor.of(batchValues, Shape.of(BATCH, INPUTS));
  private final Fn2<Tensor, Tensor, Tensor> mapped = vmap(Tensor::matmul, in(NONE, 0));
  private final Fn2<Tensor, Tensor, Tensor> jitted = jit(mapped);

  @Benchmark
  public void lockstep() {
    jitted.apply(weights, batch).close();
  }

  @Benchmark
  public Tensor lockstepUnclosed() {
    return jitted.apply(weights, batch);
  }

  @Benchmark
  public void lockstepTracedEachCall() {
    mapped.apply(weights, batch).close();
  }

  @Benchmark
  public float[] javaLoop() {
    float[] result = new float[BATCH * OUTPUTS];
    for (int example = 0; example < BATCH; example++) {
      for (int output = 0; output < OUTPUTS; output++) {
        float sum = 0;
        for (int i = 0; i < INPUTS; i++) {
          sum += weightValues[output * INPUTS + i] * batchValues[example * INPUTS + i];
        }
        result[example * OUTPUTS + output] = sum;
      }
    }
    return result;
  }

  @Benchmark
  public float[] vectorApi() {
    float[] result = new float[BATCH * OUTPUTS];
    for (int example = 0; example < BATCH; example++) {
      for (int output = 0; output < OUTPUTS; output++) {
        result[example * OUTPUTS + output] =
            Dot.dot(weightValues, batchValues, output * INPUTS, example * INPUTS, INPUTS);
      }
    }
    return result;
  }
}
