package dev.lockstep.demo;

import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** Pseudo-random inputs that are the same in every run. */
final class Inputs {
  private Inputs() {}

  /** Returns normally distributed values. */
  static Tensor normal(long seed, long... shape) {
    SplittableRandom random = new SplittableRandom(seed);
    return fill(shape, random::nextGaussian);
  }

  /** Returns values spread evenly over [0, 1). */
  static Tensor uniform(long seed, long... shape) {
    SplittableRandom random = new SplittableRandom(seed);
    return fill(shape, random::nextDouble);
  }

  private static Tensor fill(long[] shape, DoubleSupplier next) {
    int size = 1;
    for (long extent : shape) {
      size = Math.toIntExact(size * extent);
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) next.getAsDouble();
    }
    return Tensor.of(values, Shape.of(shape));
  }
}
