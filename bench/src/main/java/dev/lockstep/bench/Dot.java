package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** 100 dot products of length 150, in i32 and f32. */
public class Dot extends Workload {
  private static final int BATCH = 100;
  private static final int LENGTH = 150;

  private final int[] leftIntegers = integers(0);
  private final int[] rightIntegers = integers(100);
  private final float[] leftFloats = floats(leftIntegers);
  private final float[] rightFloats = floats(rightIntegers);
  private final Tensor leftI32 = Tensor.of(leftIntegers, Shape.of(BATCH, LENGTH));
  private final Tensor rightI32 = Tensor.of(rightIntegers, Shape.of(BATCH, LENGTH));
  private final Tensor leftF32 = Tensor.of(leftFloats, Shape.of(BATCH, LENGTH));
  private final Tensor rightF32 = Tensor.of(rightFloats, Shape.of(BATCH, LENGTH));
  private final Fn2<Tensor, Tensor, Tensor> dots = jit(vmap(Tensor::dot));

  @Benchmark
  public void dotI32() {
    dots.apply(leftI32, rightI32).close();
  }

  @Benchmark
  public void dotF32() {
    dots.apply(leftF32, rightF32).close();
  }

  @Benchmark
  public int[] dotI32JavaLoop() {
    int[] result = new int[BATCH];
    for (int example = 0; example < BATCH; example++) {
      int sum = 0;
      for (int i = example * LENGTH; i < (example + 1) * LENGTH; i++) {
        sum += leftIntegers[i] * rightIntegers[i];
      }
      result[example] = sum;
    }
    return result;
  }

  @Benchmark
  public float[] dotF32JavaLoop() {
    float[] result = new float[BATCH];
    for (int example = 0; example < BATCH; example++) {
      float sum = 0;
      for (int i = example * LENGTH; i < (example + 1) * LENGTH; i++) {
        sum += leftFloats[i] * rightFloats[i];
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

  private static float[] floats(int[] integers) {
    float[] values = new float[integers.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = integers[i];
    }
    return values;
  }
}
