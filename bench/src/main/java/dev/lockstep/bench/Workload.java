package dev.lockstep.bench;

import dev.lockstep.tensor.Scope;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What all benchmarks share: how they are measured, and inputs. A class is a workload, and its
 * methods are ways to compute it: {@code lockstep}, {@code javaLoop}, {@code vectorApi} …
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "--add-modules=jdk.incubator.vector",
      "-Xmx2g"
    })
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 7, time = 1)
public abstract class Workload {
  /** Returns values spread evenly over [-1, 1), the same in every run. */
  static float[] uniform(int size) {
    SplittableRandom random = new SplittableRandom(0);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /** Returns a tensor of values spread evenly over [-1, 1). */
  static Tensor uniform(Shape shape) {
    return Tensor.of(uniform(Math.toIntExact(shape.size())), shape);
  }

  /** Returns {@code uniform} times the scale. */
  static Tensor uniform(double scale, long... shape) {
    return uniform(Shape.of(shape)).mul(scale);
  }

  /** Calls a function and closes all tensors that it returns. */
  static void closing(Supplier<?> call) {
    try (Scope _ = Scope.open()) {
      call.get();
    }
  }
}
