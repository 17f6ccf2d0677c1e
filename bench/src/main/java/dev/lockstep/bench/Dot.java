package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;

/** 100 dot products of length 150 in f32. */
public class Dot extends Workload {
  static final int BATCH = 100;
  static final int LENGTH = 150;
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private final float[] leftValues = floats(0);
  private final float[] rightValues = floats(100);
  private final Tensor left = Tensor.of(leftValues, Shape.of(BATCH, LENGTH));
  private final Tensor right = Tensor.of(rightValues, Shape.of(BATCH, LENGTH));
  private final Fn2<Tensor, Tensor, Tensor> dots = jit(vmap(Tensor::dot));

  @Benchmark
  public void lockstep() {
    dots.apply(left, right).close();
  }

  @Benchmark
  public float[] javaLoop() {
    float[] result = new float[BATCH];
    for (int example = 0; example < BATCH; example++) {
      float sum = 0;
      for (int i = example * LENGTH; i < (example + 1) * LENGTH; i++) {
        sum += leftValues[i] * rightValues[i];
      }
      result[example] = sum;
    }
    return result;
  }

  @Benchmark
  public float[] vectorApi() {
    float[] result = new float[BATCH];
    for (int example = 0; example < BATCH; example++) {
      result[example] = dot(leftValues, rightValues, example * LENGTH, example * LENGTH, LENGTH);
    }
    return result;
  }

  /** Returns the dot product of two parts of arrays. */
  static float dot(float[] a, float[] b, int startA, int startB, int length) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i < SPECIES.loopBound(length); i += SPECIES.length()) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, startA + i);
      FloatVector y = FloatVector.fromArray(SPECIES, b, startB + i);
      sums = x.fma(y, sums);
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; i < length; i++) {
      sum += a[startA + i] * b[startB + i];
    }
    return sum;
  }

  private static float[] floats(int start) {
    float[] values = new float[BATCH * LENGTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = start + i % LENGTH;
    }
    return values;
  }
}
