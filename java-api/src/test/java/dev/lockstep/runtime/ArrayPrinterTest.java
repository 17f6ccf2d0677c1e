package dev.lockstep.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The expected texts are NumPy 2.4's {@code str} of the same arrays. */
class ArrayPrinterTest {
  static Stream<Arguments> scalars() {
    return Stream.of(
        arguments(Tensor.scalar(1.5), "1.5"),
        arguments(Tensor.scalar(-0.0), "-0.0"),
        arguments(Tensor.scalar(3f), "3.0"),
        arguments(Tensor.scalar(1e-5), "1e-05"),
        arguments(Tensor.scalar(1.25e16), "1.25e+16"),
        arguments(Tensor.scalar(1e15), "1000000000000000.0"),
        arguments(Tensor.scalar(1e6f), "1e+06"),
        arguments(Tensor.scalar(16777216f), "1.6777216e+07"),
        arguments(Tensor.scalar(1.0 / 3), "0.3333333333333333"),
        arguments(Tensor.scalar(Double.NaN), "nan"),
        arguments(Tensor.scalar(Float.NEGATIVE_INFINITY), "-inf"),
        arguments(Tensor.scalar(Double.MIN_VALUE), "5e-324"),
        arguments(Tensor.scalar(-7), "-7"),
        arguments(Tensor.scalar(Long.MIN_VALUE), "-9223372036854775808"),
        arguments(Tensor.scalar(true), "True"),
        arguments(Tensor.scalar(false), "False"));
  }

  static Stream<Arguments> floats() {
    return Stream.of(
        arguments(Tensor.of(new float[][] {{1, 2}, {3, 4}}), "[[1. 2.]\n [3. 4.]]"),
        arguments(Tensor.of(1.5f, -2.25f, 100f), "[  1.5   -2.25 100.  ]"),
        arguments(Tensor.of(1 / 3f, 0.1f), "[0.33333334 0.1       ]"),
        arguments(Tensor.of(1 / 3.0, 2 / 3.0), "[0.33333333 0.66666667]"),
        arguments(Tensor.of(1e-5, 1.0), "[1.e-05 1.e+00]"),
        arguments(Tensor.of(1e10, -2.5), "[ 1.0e+10 -2.5e+00]"),
        arguments(Tensor.of(0.1f, 1.2345679e-5f), "[1.0000000e-01 1.2345679e-05]"),
        arguments(Tensor.of(1e6f, 1f), "[1.e+06 1.e+00]"),
        arguments(Tensor.of(5e-324), "[5.e-324]"),
        arguments(Tensor.of(Double.NaN, Double.NEGATIVE_INFINITY, 1), "[ nan -inf   1.]"),
        arguments(Tensor.of(Double.POSITIVE_INFINITY, 100.25), "[   inf 100.25]"),
        arguments(Tensor.of(-0.0, 0.0), "[-0.  0.]"));
  }

  static Stream<Arguments> integersAndBools() {
    return Stream.of(
        arguments(Tensor.of(new int[][] {{1, -20}, {300, 4}}), "[[  1 -20]\n [300   4]]"),
        arguments(Tensor.of(true, false), "[ True False]"),
        arguments(
            Tensor.of(LongStream.range(0, 1001).toArray()), "[   0    1    2 ...  998  999 1000]"));
  }

  static Stream<Arguments> layouts() {
    double[] quarters = IntStream.range(0, 40).mapToDouble(i -> i / 4.0).toArray();
    double[] many = DoubleStream.iterate(0, i -> i + 1).limit(2400).toArray();
    return Stream.of(
        arguments(Tensor.of(new float[0]), "[]"),
        arguments(Tensor.of(new float[2][0]), "[]"),
        arguments(
            Tensor.of(new double[8], Shape.of(2, 2, 2)),
            "[[[0. 0.]\n  [0. 0.]]\n\n [[0. 0.]\n  [0. 0.]]]"),
        arguments(
            Tensor.of(quarters),
            """
            [0.   0.25 0.5  0.75 1.   1.25 1.5  1.75 2.   2.25 2.5  2.75 3.   3.25
             3.5  3.75 4.   4.25 4.5  4.75 5.   5.25 5.5  5.75 6.   6.25 6.5  6.75
             7.   7.25 7.5  7.75 8.   8.25 8.5  8.75 9.   9.25 9.5  9.75]\
            """),
        arguments(
            Tensor.of(many, Shape.of(40, 60)),
            """
            [[0.000e+00 1.000e+00 2.000e+00 ... 5.700e+01 5.800e+01 5.900e+01]
             [6.000e+01 6.100e+01 6.200e+01 ... 1.170e+02 1.180e+02 1.190e+02]
             [1.200e+02 1.210e+02 1.220e+02 ... 1.770e+02 1.780e+02 1.790e+02]
             ...
             [2.220e+03 2.221e+03 2.222e+03 ... 2.277e+03 2.278e+03 2.279e+03]
             [2.280e+03 2.281e+03 2.282e+03 ... 2.337e+03 2.338e+03 2.339e+03]
             [2.340e+03 2.341e+03 2.342e+03 ... 2.397e+03 2.398e+03 2.399e+03]]\
            """));
  }

  @ParameterizedTest
  @MethodSource({"scalars", "floats", "integersAndBools", "layouts"})
  void printsAsNumPy(Tensor tensor, String expected) {
    assertThat(tensor).hasToString(expected);
  }

  @ParameterizedTest
  @MethodSource("scalars")
  void printsScalarsInMemoryAlike(Tensor literal, String expected) {
    Array array = Array.allocate(literal.type());
    DType dtype = literal.dtype();
    Elements.writeBits(dtype, array.acquire(), ((Array) literal).literalBits());
    array.release();
    assertThat(array).hasToString(expected);
  }
}
