package dev.lockstep.program.primitive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Primitive;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.Sample.Values;
import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the native kernels against the reference, on sizes that fit no vector and no tile. */
class BackendConformanceTest {
  private static final long[] SIZES = {0, 1, 13, 207, 702, 4098};

  static Stream<Arguments> elementwise() {
    return Samples.all().stream()
        .filter(sample -> sample.primitive() instanceof Elementwise)
        .filter(sample -> !(sample.primitive() instanceof Cast))
        .flatMap(sample ->
            Stream.of(DType.values())
                .filter(dtype -> takes((Elementwise) sample.primitive(), dtype))
                .map(dtype -> Arguments.of(sample, dtype)));
  }

  private static boolean takes(Elementwise op, DType dtype) {
    return switch (op) {
      case Unary unary -> unary.domain().contains(dtype);
      case Binary binary -> binary.domain().contains(dtype);
      case MultiplyAdd _ -> dtype.isFloating();
      case Comparison _, Where _, Cast _ -> true;
    };
  }

  @ParameterizedTest
  @MethodSource("elementwise")
  void elementwiseKernelsAgree(Sample sample, DType dtype) {
    for (long size : SIZES) {
      List<Tensor> operands = new ArrayList<>();
      for (Values values : sample.operands()) {
        boolean condition = sample.primitive() instanceof Where && operands.isEmpty();
        operands.add(
            spread(values, condition ? DType.BOOL : dtype)
                .with(Shape.of(size))
                .tensor(size + operands.size()));
      }
      assertAgree(sample.primitive(), operands, 0);
    }
  }

  /** Returns values that are more than one number also where they are whole. */
  private static Values spread(Values values, DType dtype) {
    boolean narrow = values.type().dtype().isFloating() && dtype.isInteger();
    Values wide = narrow ? new Values(values.type(), values.low() * 5, values.high() * 5) : values;
    return dtype == DType.BOOL ? new Values(values.type().with(dtype), 0, 1) : wide.with(dtype);
  }

  @ParameterizedTest
  @EnumSource
  void castsAgree(DType from) {
    for (DType to : DType.values()) {
      for (long size : SIZES) {
        double low = from == DType.BOOL ? 0 : -5;
        double high = from == DType.BOOL ? 1 : 5;
        assertAgree(new Cast(to), List.of(Values.of(from, low, high, size).tensor(size)), 0);
      }
    }
  }

  static Stream<Arguments> reductions() {
    List<List<Integer>> axes = List.of(List.of(0), List.of(1), List.of(0, 1), List.of());
    return Stream.of(DType.values())
        .flatMap(dtype -> axes.stream().map(chosen -> Arguments.of(dtype, chosen)));
  }

  @ParameterizedTest
  @MethodSource("reductions")
  void reductionsAgree(DType dtype, List<Integer> axes) {
    for (Reduction op :
        List.of(
            new Reduction.Sum(axes),
            new Reduction.Prod(axes),
            new Reduction.Max(axes),
            new Reduction.Min(axes))) {
      if (!op.domain().contains(dtype)) {
        continue;
      }
      boolean product = op instanceof Reduction.Prod;
      for (long rows : new long[] {0, 1, 7, 65}) {
        for (long columns : SIZES) {
          boolean bool = dtype == DType.BOOL;
          Values values =
              product
                  ? Values.of(dtype, bool ? 0 : 0.99, bool ? 1 : 1.01, rows, columns)
                  : Values.of(dtype, bool ? 0 : -5, bool ? 1 : 5, rows, columns);
          assertAgree(
              op, List.of(values.tensor(rows + columns)), spreadOfSum(dtype, rows * columns));
        }
      }
    }
  }

  /** The reference sums in f64: against f32 it is exact, against f64 as inexact as the kernel. */
  private static double spreadOfSum(DType dtype, long count) {
    return dtype == DType.F32 ? 20 * Math.sqrt(count) : 2.0 * count;
  }

  @ParameterizedTest
  @EnumSource
  void productsAgree(DType dtype) {
    long[] extents = {1, 3, 13, 64};
    for (long m : extents) {
      for (long k : new long[] {0, 1, 5, 207}) {
        for (long n : extents) {
          Values left = Values.of(dtype, -3, 3, m, k);
          Values right = Values.of(dtype, -3, 3, n, k);
          DotGeneral dot = new DotGeneral(List.of(1), List.of(1), List.of(), List.of());
          assertAgree(dot, List.of(left.tensor(m + k), right.tensor(n + k)), 9.0 * k);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void batchedProductsAgree(DType dtype) {
    for (long batch : new long[] {0, 1, 3, 17}) {
      for (long k : new long[] {1, 4, 31}) {
        Values left = Values.of(dtype, -3, 3, k, batch, 5);
        Values right = Values.of(dtype, -3, 3, batch, k, 7);
        DotGeneral dot = new DotGeneral(List.of(0), List.of(1), List.of(1), List.of(0));
        assertAgree(dot, List.of(left.tensor(batch + k), right.tensor(batch)), 9.0 * k);
        Values vectors = Values.of(dtype, -3, 3, batch, k);
        DotGeneral dots = new DotGeneral(List.of(1), List.of(1), List.of(0), List.of(0));
        assertAgree(dots, List.of(vectors.tensor(batch + k), vectors.tensor(batch)), 9.0 * k);
      }
    }
  }

  static Stream<Arguments> structural() {
    return Samples.all().stream()
        .filter(sample -> sample.primitive() instanceof Structural)
        .flatMap(sample -> Stream.of(DType.values()).map(dtype -> Arguments.of(sample, dtype)));
  }

  @ParameterizedTest
  @MethodSource("structural")
  void structuralOpsAgree(Sample sample, DType dtype) {
    List<Tensor> operands = new ArrayList<>();
    for (Values values : sample.operands()) {
      operands.add(spread(values, dtype).tensor(operands.size()));
    }
    assertAgree(sample.primitive(), operands, 0);
  }

  /**
   * Compares the results of both backends.
   *
   * @param magnitude the sum of the absolute values of what was added up; 0 if nothing was
   */
  private static void assertAgree(Primitive op, List<Tensor> operands, double magnitude) {
    Tensor got = Backends.with(NativeBackend.INSTANCE, () -> Rule.apply(op, operands));
    Tensor want = Backends.with(ReferenceBackend.INSTANCE, () -> Rule.apply(op, operands));
    Closeness closeness = Closeness.of(op, got.dtype(), magnitude);
    String context = op + " of " + Rule.types(operands);
    assertThat(got.type()).as(context).isEqualTo(want.type());
    if (!got.dtype().isFloating()) {
      assertThat(got.toNested()).as(context).isEqualTo(want.toNested());
      return;
    }
    double[] a = doubles(got);
    double[] b = doubles(want);
    for (int i = 0; i < a.length; i++) {
      if (!closeness.accepts(a[i], b[i])) {
        TensorType type = operands.isEmpty() ? got.type() : operands.getFirst().type();
        assertThat(a[i]).as(context + " element " + i + at(operands, i, type)).isEqualTo(b[i]);
      }
    }
  }

  private static String at(List<Tensor> operands, int i, TensorType type) {
    boolean readable = type.dtype().isFloating() && type.shape().rank() == 1;
    StringBuilder text = new StringBuilder();
    if (readable) {
      operands.stream()
          .filter(operand -> operand.type().equals(type))
          .forEach(operand -> text.append(" at ").append(doubles(operand)[i]));
    }
    return text.toString();
  }

  static double[] doubles(Tensor x) {
    if (x.dtype() == DType.F64) {
      return x.toDoubleArray();
    }
    float[] floats = x.toFloatArray();
    double[] doubles = new double[floats.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }
}
