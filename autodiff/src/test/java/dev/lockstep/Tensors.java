package dev.lockstep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.Random;
import org.assertj.core.data.Offset;

/** Tensors for tests, and what to expect of them. */
final class Tensors {
  private Tensors() {}

  /** Returns f64 values from a seeded generator, uniform in [-2, 2). */
  static Tensor random(int seed, long... extents) {
    Random random = new Random(seed);
    double[] values = new double[(int) Shape.of(extents).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() * 4 - 2;
    }
    return Tensor.of(values, Shape.of(extents));
  }

  static Tensor vector(double... values) {
    return Tensor.of(values);
  }

  static Tensor scalar(double value) {
    return Tensor.scalar(value);
  }

  static void assertEqual(Tensor actual, double... expected) {
    assertThat(actual.cast(DType.F64).toDoubleArray()).containsExactly(expected);
  }

  static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.type()).isEqualTo(expected.type());
    assertThat(actual.cast(DType.F64).toDoubleArray())
        .containsExactly(expected.cast(DType.F64).toDoubleArray(), Offset.offset(tolerance));
  }

  static void assertClose(Tensor actual, Tensor expected) {
    assertClose(actual, expected, 1e-12);
  }

  static void assertClose(Tensor actual, double expected) {
    assertThat(actual.item()).isCloseTo(expected, Offset.offset(1e-12));
  }

  /** Compares Jacobians of both modes, and the Hessian of a loss, with central differences. */
  static void assertDerivativesAreDifferences(Fn<Tensor, Tensor> f, Tensor x) {
    Tensor expected = differences(f, x);
    assertClose(Lockstep.jacfwd(f).apply(x), expected, 1e-7);
    assertClose(Lockstep.jacrev(f).apply(x), expected, 1e-7);
    Fn<Tensor, Tensor> loss = y -> f.apply(y).square().sum();
    Tensor slopes = differences(Lockstep.grad(loss), x);
    assertClose(Lockstep.hessian(loss).apply(x), slopes, 1e-5);
  }

  /** Returns the central differences of {@code f} at {@code x}: shape {@code f.shape + x.shape}. */
  static Tensor differences(Fn<Tensor, Tensor> f, Tensor x) {
    double step = 1e-6;
    double[] point = x.toDoubleArray();
    double[][] columns = new double[point.length][];
    Shape shape = f.apply(x).shape();
    for (int i = 0; i < point.length; i++) {
      double[] up = point.clone();
      double[] down = point.clone();
      up[i] += step;
      down[i] -= step;
      double[] above = f.apply(Tensor.of(up, x.shape())).toDoubleArray();
      double[] below = f.apply(Tensor.of(down, x.shape())).toDoubleArray();
      columns[i] = new double[above.length];
      for (int j = 0; j < above.length; j++) {
        columns[i][j] = (above[j] - below[j]) / (2 * step);
      }
    }
    double[] jacobian = new double[(int) shape.size() * point.length];
    for (int j = 0; j < shape.size(); j++) {
      for (int i = 0; i < point.length; i++) {
        jacobian[j * point.length + i] = columns[i][j];
      }
    }
    long[] extents = new long[shape.rank() + x.rank()];
    System.arraycopy(shape.extents(), 0, extents, 0, shape.rank());
    System.arraycopy(x.shape().extents(), 0, extents, shape.rank(), x.rank());
    return Tensor.of(jacobian, Shape.of(extents));
  }
}
