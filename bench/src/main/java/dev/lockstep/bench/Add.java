package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** x + y on 4 Mi floats; with 32 Mi, the memory's bandwidth. */
public class Add extends Workload {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  @Param("4194304")
  int size;

  private float[] left;
  private float[] right;
  private float[] result;
  private Tensor x;
  private Tensor y;
  private final Fn2<Tensor, Tensor, Tensor> add = jit(Tensor::add);

  @Setup
  public void inputs() {
    left = uniform(size);
    right = uniform(size);
    result = new float[size];
    x = Tensor.of(left);
    y = Tensor.of(right);
  }

  @Benchmark
  public void lockstep() {
    add.apply(x, y).close();
  }

  @Benchmark
  public float[] javaLoop() {
    for (int i = 0; i < result.length; i++) {
      result[i] = left[i] + right[i];
    }
    return result;
  }

  /** The number of elements is a multiple of every vector length. */
  @Benchmark
  public float[] vectorApi() {
    for (int i = 0; i < result.length; i += SPECIES.length()) {
      FloatVector v = FloatVector.fromArray(SPECIES, left, i);
      v.add(FloatVector.fromArray(SPECIES, right, i)).intoArray(result, i);
    }
    return result;
  }
}
