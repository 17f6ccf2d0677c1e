package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TensorCreationTest {
  @Test
  void flatArraysGiveRankOne() {
    assertTensor(Tensor.of(1f, 2f), "f32[2]", new float[] {1, 2});
    assertTensor(Tensor.of(1.0, 2.5), "f64[2]", new double[] {1, 2.5});
    assertTensor(Tensor.of(1, 2, 3), "i32[3]", new int[] {1, 2, 3});
    assertTensor(Tensor.of(1L, 2L), "i64[2]", new long[] {1, 2});
    assertTensor(Tensor.of(true, false), "bool[2]", new boolean[] {true, false});
    assertTensor(Tensor.of(7), "i32[1]", new int[] {7});
    assertTensor(Tensor.of(new double[0]), "f64[0]", new double[0]);
  }

  @Test
  void elementsAreCopied() {
    float[] elements = {1, 2};
    Tensor tensor = Tensor.of(elements);
    elements[0] = 9;
    assertThat(tensor.toFloatArray()).containsExactly(1, 2);
  }

  @Test
  void flatArraysWithAShape() {
    assertTensor(
        Tensor.of(new int[] {1, 2, 3, 4, 5, 6}, Shape.of(2, 3)),
        "i32[2, 3]",
        new int[][] {{1, 2, 3}, {4, 5, 6}});
    assertThatThrownBy(() -> Tensor.of(new float[5], Shape.of(2, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("Tensor.of: expected 6 elements for shape [2, 3], the array has 5");
  }

  static Stream<Arguments> nestedArrays() {
    return Stream.of(
        arguments("f32[2, 2]", new float[][] {{1, 2}, {3, 4}}),
        arguments("f64[1, 2, 3]", new double[][][] {{{1, 2, 3}, {4, 5, 6}}}),
        arguments("i32[2, 1, 1, 2]", new int[][][][] {{{{1, 2}}}, {{{3, 4}}}}),
        arguments("i64[2, 0]", new long[][] {{}, {}}),
        arguments("bool[1, 3]", new boolean[][] {{true, false, true}}),
        arguments("f32[0, 0]", new float[0][]),
        arguments("f64[3]", new double[] {1, 2, 3}));
  }

  @ParameterizedTest
  @MethodSource("nestedArrays")
  void nestedArraysRoundTrip(String type, Object nested) {
    assertTensor(Tensor.ofNested(nested), type, nested);
  }

  @Test
  void twoLevelsNeedNoName() {
    assertTensor(Tensor.of(new float[][] {{1}, {2}}), "f32[2, 1]", new float[][] {{1}, {2}});
    assertTensor(Tensor.of(new boolean[][] {{true}}), "bool[1, 1]", new boolean[][] {{true}});
  }

  @Test
  void raggedArraysAreRefusedWithThePath() {
    assertThatThrownBy(() -> Tensor.of(new float[][] {{1, 2}, {3}}))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "Tensor.ofNested: expected all rows to have the length of the first, 2; row [1] has"
                + " length 1.");
    assertThatThrownBy(() -> Tensor.ofNested(new int[][][] {{{1}, {2}}, {{3}, {4, 5}}}))
        .hasMessageContaining("row [1][1] has length 2.");
    assertThatThrownBy(() -> Tensor.ofNested(new int[][][] {{{1}, {2}}, {{3}}}))
        .hasMessageContaining("row [1] has length 1.");
    assertThatThrownBy(() -> Tensor.of(new double[][] {{1}, null}))
        .hasMessageContaining("row [1] is null.");
    assertThatThrownBy(() -> Tensor.of(new double[][] {null, {1}}))
        .hasMessageContaining("row [0] is null.");
  }

  @Test
  void otherElementsAreRefused() {
    for (Object nested : new Object[] {null, "text", 1.5, new String[] {"a"}, new byte[2]}) {
      assertThatThrownBy(() -> Tensor.ofNested(nested))
          .isInstanceOf(DTypeException.class)
          .hasMessageStartingWith("Tensor.ofNested: expected an array (of arrays) of float,");
    }
  }

  @Test
  void scalars() {
    assertTensor(Tensor.scalar(1.5), "f64[]", 1.5);
    assertTensor(Tensor.scalar(-1.5f), "f32[]", -1.5f);
    assertTensor(Tensor.scalar(-3), "i32[]", -3);
    assertTensor(Tensor.scalar(Long.MIN_VALUE), "i64[]", Long.MIN_VALUE);
    assertTensor(Tensor.scalar(true), "bool[]", true);
  }

  static Stream<Arguments> formulas() {
    return Stream.of(
        formula(() -> Tensor.zeros(2, 1), "f32[2, 1]", new float[][] {{0}, {0}}),
        formula(() -> Tensor.zeros(), "f32[]", 0f),
        formula(() -> Tensor.zeros(DType.I64, 2), "i64[2]", new long[2]),
        formula(() -> Tensor.ones(2), "f32[2]", new float[] {1, 1}),
        formula(() -> Tensor.ones(DType.BOOL, 2), "bool[2]", new boolean[] {true, true}),
        formula(() -> Tensor.ones(0, 3), "f32[0, 3]", new float[0][3]),
        formula(() -> Tensor.full(0.1, 2), "f32[2]", new float[] {0.1f, 0.1f}),
        formula(() -> Tensor.full(DType.F64, 0.1, 1), "f64[1]", new double[] {0.1}),
        formula(() -> Tensor.full(DType.I32, -4, 1), "i32[1]", new int[] {-4}),
        formula(
            () -> Tensor.full(DType.I64, Long.MAX_VALUE, 1), "i64[1]", new long[] {Long.MAX_VALUE}),
        formula(() -> Tensor.eye(2), "f32[2, 2]", new float[][] {{1, 0}, {0, 1}}),
        formula(() -> Tensor.eye(DType.I32, 2, 3), "i32[2, 3]", new int[][] {{1, 0, 0}, {0, 1, 0}}),
        formula(() -> Tensor.eye(DType.BOOL, 1, 2), "bool[1, 2]", new boolean[][] {{true, false}}),
        formula(() -> Tensor.arange(4), "i32[4]", new int[] {0, 1, 2, 3}),
        formula(() -> Tensor.arange(100, 103), "i32[3]", new int[] {100, 101, 102}),
        formula(() -> Tensor.arange(10, 0, -4), "i32[3]", new int[] {10, 6, 2}),
        formula(() -> Tensor.arange(0, 9, 4), "i32[3]", new int[] {0, 4, 8}),
        formula(() -> Tensor.arange(3, 3), "i32[0]", new int[0]),
        formula(() -> Tensor.arange(5, 3), "i32[0]", new int[0]),
        formula(() -> Tensor.arange(2L), "i64[2]", new long[] {0, 1}),
        formula(() -> Tensor.arange(1L << 40, (1L << 40) + 1), "i64[1]", new long[] {1L << 40}),
        formula(() -> Tensor.arange(2.5), "f64[3]", new double[] {0, 1, 2}),
        formula(() -> Tensor.arange(1.0, 2.0, 0.25), "f64[4]", new double[] {1, 1.25, 1.5, 1.75}),
        formula(() -> Tensor.linspace(0, 1, 5), "f64[5]", new double[] {0, 0.25, 0.5, 0.75, 1}),
        formula(() -> Tensor.linspace(2, 7, 1), "f64[1]", new double[] {2}),
        formula(() -> Tensor.linspace(2, 7, 0), "f64[0]", new double[0]));
  }

  private static Arguments formula(Supplier<Tensor> formula, String type, Object elements) {
    return arguments(formula, type, elements);
  }

  @ParameterizedTest
  @MethodSource("formulas")
  void formulasAtOnce(Supplier<Tensor> formula, String type, Object elements) {
    assertTensor(formula.get(), type, elements);
  }

  @ParameterizedTest
  @MethodSource("formulas")
  void formulasInsideATrace(Supplier<Tensor> formula, String type, Object elements) {
    Tensor result =
        Trace.trace("test", List.of(), null, _ -> List.of(formula.get()))
            .apply(List.of())
            .getFirst();
    assertTensor(result, type, elements);
  }

  @Test
  void constantsCostNoMemoryInsideATrace() {
    var traced =
        Trace.trace(
            "test",
            List.of(),
            null,
            _ ->
                List.of(
                    Tensor.zeros(1L << 20, 1L << 20),
                    Tensor.eye(1L << 20),
                    Tensor.arange(1L << 40)));
    assertThat(traced.captured()).isEmpty();
  }

  @Test
  void fullRefusesWhatTheDTypeCannotHold() {
    assertThatThrownBy(() -> Tensor.full(DType.I32, 1.5, 2))
        .isInstanceOf(DTypeException.class)
        .hasMessage("full: 1.5 is no value of i32. Choose another dtype, or round the value.");
    assertThatThrownBy(() -> Tensor.full(DType.I32, 1L << 31, 2))
        .isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> Tensor.full(DType.BOOL, 2, 2)).isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> Tensor.full(DType.I64, Double.NaN, 2))
        .isInstanceOf(DTypeException.class);
  }

  @Test
  void rangesMustBeFinite() {
    assertThatThrownBy(() -> Tensor.arange(0, 5, 0))
        .isInstanceOf(ShapeException.class)
        .hasMessage("arange: no finite number of steps of 0 leads from 0 to 5");
    assertThatThrownBy(() -> Tensor.arange(0.0, Double.NaN, 1.0))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Tensor.arange(0.0, 1.0, 0.0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Tensor.arange(Long.MIN_VALUE, Long.MAX_VALUE, 1L))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Tensor.linspace(0, 1, -1)).isInstanceOf(ShapeException.class);
  }

  @Test
  void filledLikeAnother() {
    Tensor x = Tensor.of(new int[][] {{3, 4}});
    assertTensor(Tensor.zerosLike(x), "i32[1, 2]", new int[][] {{0, 0}});
    assertTensor(Tensor.onesLike(x.cast(DType.BOOL)), "bool[1, 2]", new boolean[][] {{true, true}});
    assertTensor(
        Tensor.fullLike(x.cast(DType.F32), 2.5), "f32[1, 2]", new float[][] {{2.5f, 2.5f}});
    assertThatThrownBy(() -> Tensor.fullLike(x, 2.5))
        .isInstanceOf(DTypeException.class)
        .hasMessageStartingWith("full: 2.5 is no value of i32");
  }

  @Test
  void extentsMustNotBeNegative() {
    assertThatThrownBy(() -> Tensor.zeros(2, -1)).isInstanceOf(ShapeException.class);
  }

  private static void assertTensor(Tensor tensor, String type, Object elements) {
    assertThat(tensor.type()).hasToString(type);
    assertThat(List.of(tensor.toNested())).usingRecursiveComparison().isEqualTo(List.of(elements));
  }
}
