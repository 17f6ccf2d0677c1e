package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;

/** tanh(x) exp(-x^2) + x/2 on 4 Mi floats. */
public class Chain extends Workload {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private final float[] values = uniform(4 << 20);
  private final float[] result = new float[values.length];
  private final Tensor x = Tensor.of(values);
  private final Fn<Tensor, Tensor> chain =
      jit(v -> v.tanh().mul(v.square().neg().exp()).add(v.mul(0.5)));

  @Benchmark
  public void lockstep() {
    chain.apply(x).close();
  }

  /** One op at a time, each with an array for its result. */
  @Benchmark
  public void lockstepEager() {
    closing(() -> x.tanh().mul(x.square().neg().exp()).add(x.mul(0.5)));
  }

  @Benchmark
  public float[] javaLoop() {
    for (int i = 0; i < result.length; i++) {
      double v = values[i];
      result[i] = (float) (Math.tanh(v) * Math.exp(-v * v) + 0.5 * v);
    }
    return result;
  }

  /** The number of elements is a multiple of every vector length. */
  @Benchmark
  public float[] vectorApi() {
    for (int i = 0; i < result.length; i += SPECIES.length()) {
      FloatVector v = FloatVector.fromArray(SPECIES, values, i);
      FloatVector tanh = v.lanewise(VectorOperators.TANH);
      FloatVector exp = v.mul(v).neg().lanewise(VectorOperators.EXP);
      tanh.mul(exp).add(v.mul(0.5f)).intoArray(result, i);
    }
    return result;
  }
}
