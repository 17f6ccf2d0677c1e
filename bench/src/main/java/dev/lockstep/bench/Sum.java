package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;

/** The sum of 4 Mi floats. */
public class Sum extends Workload {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private final float[] values = uniform(4 << 20);
  private final Tensor x = Tensor.of(values);
  private final Fn<Tensor, Tensor> sum = jit(v -> v.sum());

  @Benchmark
  public void lockstep() {
    sum.apply(x).close();
  }

  @Benchmark
  public float javaLoop() {
    float total = 0;
    for (float value : values) {
      total += value;
    }
    return total;
  }

  /** Four sums at a time, since an addition takes four cycles. */
  @Benchmark
  public float vectorApi() {
    int lanes = SPECIES.length();
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = 0; i < values.length; i += 4 * lanes) {
      a = a.add(FloatVector.fromArray(SPECIES, values, i));
      b = b.add(FloatVector.fromArray(SPECIES, values, i + lanes));
      c = c.add(FloatVector.fromArray(SPECIES, values, i + 2 * lanes));
      d = d.add(FloatVector.fromArray(SPECIES, values, i + 3 * lanes));
    }
    return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
  }
}
