package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.BackendTest;

/** Checks axes, directions, dtypes and special values of the running ops. */
class RunningOpsTest {
  private static final Tensor MATRIX = Tensor.of(new double[][] {{1, 2, 3}, {4, 5, 6}});

  @BackendTest
  void sumsRunAlongEachAxisInBothDirections() {
    assertThat(MATRIX.cumSum(0).toNested()).isEqualTo(new double[][] {{1, 2, 3}, {5, 7, 9}});
    assertThat(MATRIX.cumSum(-1).toNested()).isEqualTo(new double[][] {{1, 3, 6}, {4, 9, 15}});
    assertThat(MATRIX.cumSumReverse(1).toNested())
        .isEqualTo(new double[][] {{6, 5, 3}, {15, 11, 6}});
    assertThat(MATRIX.cumSumReverse(0).toNested()).isEqualTo(new double[][] {{5, 7, 9}, {4, 5, 6}});
  }

  @BackendTest
  void productsAndExtremaRun() {
    assertThat(MATRIX.cumProd(1).toNested()).isEqualTo(new double[][] {{1, 2, 6}, {4, 20, 120}});
    assertThat(MATRIX.cumProdReverse(1).toNested())
        .isEqualTo(new double[][] {{6, 6, 3}, {120, 30, 6}});
    Tensor x = Tensor.of(2, 5, 3, 7, 1);
    assertThat(x.cumMax(0).toIntArray()).containsExactly(2, 5, 5, 7, 7);
    assertThat(x.cumMaxReverse(0).toIntArray()).containsExactly(7, 7, 7, 7, 1);
    assertThat(x.cumMin(0).toIntArray()).containsExactly(2, 2, 2, 2, 1);
    assertThat(x.cumMinReverse(0).toIntArray()).containsExactly(1, 1, 1, 1, 1);
  }

  @BackendTest
  void logSumExpRunsWithoutOverflow() {
    double two = Math.log(2);
    double three = Math.log(3);
    assertThat(Tensor.of(0.0, 0, 0).cumLogSumExp(0).toDoubleArray())
        .containsExactly(new double[] {0, two, three}, within(1e-15));
    assertThat(Tensor.of(1000.0, 1000).cumLogSumExpReverse(0).toDoubleArray())
        .containsExactly(new double[] {1000 + two, 1000}, within(1e-12));
    double none = Double.NEGATIVE_INFINITY;
    assertThat(Tensor.of(none, none, 1).cumLogSumExp(0).toDoubleArray())
        .containsExactly(none, none, 1);
  }

  @BackendTest
  void integersKeepTheirDtypeAndBoolsAreCounted() {
    Tensor x = Tensor.of(Integer.MAX_VALUE, 1);
    assertThat(x.cumSum(0).toIntArray()).containsExactly(Integer.MAX_VALUE, Integer.MIN_VALUE);
    assertThat(Tensor.of(2, 3).cumProd(0).toIntArray()).containsExactly(2, 6);
    assertThat(x.cast(DType.I64).cumSum(0).toLongArray())
        .containsExactly(Integer.MAX_VALUE, 1L << 31);
    assertThat(x.cumMax(0).dtype()).isEqualTo(DType.I32);
    Tensor flags = Tensor.of(false, true, false);
    assertThat(flags.cumSum(0).toLongArray()).containsExactly(0, 1, 1);
    assertThat(flags.cumMax(0).toBooleanArray()).containsExactly(false, true, true);
    assertThat(Tensor.of(1, 2).cumLogSumExp(0).dtype()).isEqualTo(DType.F64);
    assertThat(Tensor.of(1f, 2).cumProd(0).dtype()).isEqualTo(DType.F32);
  }

  @BackendTest
  void nanStaysAndNothingGivesNothing() {
    double nan = Double.NaN;
    assertThat(Tensor.of(1, nan, 3).cumMax(0).toDoubleArray()).containsExactly(1, nan, nan);
    assertThat(Tensor.of(1, nan, 3).cumMinReverse(0).toDoubleArray()).containsExactly(nan, nan, 3);
    assertThat(Tensor.zeros(0, 3).cumSum(0).shape()).isEqualTo(Shape.of(0, 3));
    assertThat(Tensor.zeros(3, 0).cumProd(1).shape()).isEqualTo(Shape.of(3, 0));
  }

  @BackendTest
  void computedConstantsRun() {
    Tensor ones = Trace.staged(() -> Tensor.ones(3).cumSum(0));
    assertThat(ones.toFloatArray()).containsExactly(1, 2, 3);
    Tensor counted = Trace.staged(() -> Tensor.iota(DType.F64, 0, 4).cumProdReverse(0));
    assertThat(counted.toDoubleArray()).containsExactly(0, 6, 6, 3);
    Tensor sorted = Trace.staged(() -> Tensor.iota(DType.I32, 0, 3).sortDescending(0));
    assertThat(sorted.toIntArray()).containsExactly(2, 1, 0);
  }

  @BackendTest
  void wrongAxesAreNamed() {
    assertThatThrownBy(() -> MATRIX.cumSumReverse(2))
        .isInstanceOf(AxisException.class)
        .hasMessage("cumSumReverse: axis 2 is out of range for shape [2, 3] of rank 2");
    assertThatThrownBy(() -> Tensor.scalar(1.0).cumMax(0))
        .isInstanceOf(ShapeException.class)
        .hasMessage("cumMax: a scalar has no axis 0, got f64[]. Use flatten()");
  }
}
