package dev.lockstep.program.primitive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks elementwise kernels at 0, the ends of the range, infinity and NaN. */
class SpecialValuesTest {
  private static final double[] FLOATING = {
    0.0,
    -0.0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    2,
    -2,
    2.5,
    -2.5,
    3,
    1e-3,
    10,
    100,
    -100,
    1000,
    -1000,
    1e10,
    -1e10,
    1e30,
    1e-30,
    1e300,
    -1e300,
    1e-300,
    Double.MIN_VALUE,
    -Double.MIN_VALUE,
    Double.MIN_NORMAL,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN
  };
  private static final long[] WHOLE = {
    0,
    1,
    -1,
    2,
    -2,
    3,
    7,
    31,
    32,
    33,
    63,
    64,
    100,
    -100,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Integer.MIN_VALUE + 1,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1,
    1L << 40
  };

  static Stream<Arguments> ops() {
    return Samples.primitives().stream()
        .filter(Elementwise.class::isAssignableFrom)
        .map(type -> (Elementwise) Samples.of(type).getFirst().primitive())
        .flatMap(op -> Stream.of(DType.values()).map(dtype -> Arguments.of(op, dtype)));
  }

  @ParameterizedTest
  @MethodSource("ops")
  void kernelsAgreeWithTheReference(Elementwise op, DType dtype) {
    switch (op) {
      case Unary unary -> {
        if (unary.domain().contains(dtype)) {
          check(unary, List.of(values(dtype)));
        }
      }
      case Binary binary -> {
        if (binary.domain().contains(dtype)) {
          check(binary, pairs(dtype));
        }
      }
      case Comparison comparison -> check(comparison, pairs(dtype));
      case Where where -> {
        List<Tensor> pairs = pairs(dtype);
        check(
            where,
            List.of(Tensor.ones(DType.BOOL, pairs.getFirst().size()), pairs.get(0), pairs.get(1)));
      }
      case Cast _ -> {
        for (DType to : DType.values()) {
          check(new Cast(to), List.of(values(dtype)));
        }
      }
    }
  }

  private static void check(Elementwise op, List<Tensor> operands) {
    Tensor got = Backends.with(NativeBackend.INSTANCE, () -> Rule.apply(op, operands));
    Tensor want = Backends.with(ReferenceBackend.INSTANCE, () -> Rule.apply(op, operands));
    assertThat(got.type()).isEqualTo(want.type());
    double[] a = doubles(got);
    double[] b = doubles(want);
    Closeness closeness = Closeness.of(op, got.dtype(), 0);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < a.length; i++) {
      boolean close = got.dtype().isFloating() ? closeness.accepts(a[i], b[i]) : a[i] == b[i];
      if (!close) {
        wrong.add(arguments(operands, i) + " gives " + a[i] + ", not " + b[i]);
      }
    }
    assertThat(wrong).as(op + " of " + operands.getFirst().dtype()).isEmpty();
  }

  private static String arguments(List<Tensor> operands, int i) {
    return operands.stream().map(operand -> doubles(operand)[i]).toList().toString();
  }

  private static double[] doubles(Tensor x) {
    return switch (x.dtype()) {
      case F32, F64, BF16 -> BackendConformanceTest.doubles(x);
      case I64 -> Arrays.stream(x.toLongArray()).asDoubleStream().toArray();
      case I32 -> Arrays.stream(x.toIntArray()).asDoubleStream().toArray();
      case BOOL -> {
        boolean[] elements = x.toBooleanArray();
        double[] doubles = new double[elements.length];
        for (int i = 0; i < doubles.length; i++) {
          doubles[i] = elements[i] ? 1 : 0;
        }
        yield doubles;
      }
    };
  }

  private static Tensor values(DType dtype) {
    return switch (dtype) {
      case F64 -> Tensor.of(FLOATING);
      case I64 -> Tensor.of(WHOLE);
      case I32 -> Tensor.of(Arrays.stream(WHOLE).mapToInt(value -> (int) value).toArray());
      case F32, BF16 ->
          Sample.Values.tensor(new TensorType(dtype, Shape.of(FLOATING.length)), FLOATING);
      case BOOL -> Tensor.of(false, true);
    };
  }

  /** Returns all pairs of the values. */
  private static List<Tensor> pairs(DType dtype) {
    Tensor values = values(dtype);
    long size = values.size();
    return Backends.with(
        ReferenceBackend.INSTANCE,
        () ->
            List.of(
                values.expandDims(1).broadcastTo(size, size).flatten(),
                values.broadcastTo(size, size).flatten()));
  }
}
