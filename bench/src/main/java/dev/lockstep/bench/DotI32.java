package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.bench.Dot.BATCH;
import static dev.lockstep.bench.Dot.LENGTH;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;

/** 100 dot products of length 150 in i32. */
public class DotI32 extends Workload {
  private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_PREFERRED;

  private final int[] leftValues = integers(0);
  private final int[] rightValues = integers(100);
  private final Tensor left = Tensor.of(leftValues, Shape.of(BATCH, LENGTH));
  private final Tensor right = Tensor.of(rightValues, Shape.of(BATCH, LENGTH));
  private final Fn2<Tensor, Tensor, Tensor> dots = jit(vmap(Tensor::dot));

  @Benchmark
  public void lockstep() {
    dots.apply(left, right).close();
  }

  @Benchmark
  public int[] javaLoop() {
    int[] result = new int[BATCH];
    for (int example = 0; example < BATCH; example++) {
      int sum = 0;
      for (int i = example * LENGTH; i < (example + 1) * LENGTH; i++) {
        sum += leftValues[i] * rightValues[i];
      }
      result[example] = sum;
    }
    return result;
  }

  @Benchmark
  public int[] vectorApi() {
    int[] result = new int[BATCH];
    for (int example = 0; example < BATCH; example++) {
      int start = example * LENGTH;
      IntVector sums = IntVector.zero(SPECIES);
      int i = 0;
      for (; i < SPECIES.loopBound(LENGTH); i += SPECIES.length()) {
        IntVector x = IntVector.fromArray(SPECIES, leftValues, start + i);
        sums = x.mul(IntVector.fromArray(SPECIES, rightValues, start + i)).add(sums);
      }
      int sum = sums.reduceLanes(VectorOperators.ADD);
      for (; i < LENGTH; i++) {
        sum += leftValues[start + i] * rightValues[start + i];
      }
      result[example] = sum;
    }
    return result;
  }

  private static int[] integers(int start) {
    int[] values = new int[BATCH * LENGTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = start + i % LENGTH;
    }
    return values;
  }
}
