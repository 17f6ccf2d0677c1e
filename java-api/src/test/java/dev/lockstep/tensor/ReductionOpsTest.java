package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.primitive.BackendTest;

/** Checks axes, dtypes, empty reductions and errors of the reductions. */
class ReductionOpsTest {
  private static final Tensor MATRIX = Tensor.of(new double[][] {{1, 2, 3}, {4, 5, 6}});

  @BackendTest
  void axesMayBeNegativeSeveralOrLeftOut() {
    assertThat(MATRIX.sum().item()).isEqualTo(21);
    assertThat(MATRIX.sum(0).toDoubleArray()).containsExactly(5, 7, 9);
    assertThat(MATRIX.sum(-1).toDoubleArray()).containsExactly(6, 15);
    assertThat(MATRIX.sum(-1, 0).item()).isEqualTo(21);
    assertThat(MATRIX.prod(1).toDoubleArray()).containsExactly(6, 120);
    assertThat(MATRIX.max(0).toDoubleArray()).containsExactly(4, 5, 6);
    assertThat(MATRIX.min().item()).isEqualTo(1);
    assertThat(MATRIX.mean(1).toDoubleArray()).containsExactly(2, 5);
    assertThat(MATRIX.greater(3).any(1).toBooleanArray()).containsExactly(false, true);
    assertThat(MATRIX.greater(3).all(1).toBooleanArray()).containsExactly(false, true);
    assertThat(Tensor.scalar(3.0).sum().item()).isEqualTo(3);
  }

  @BackendTest
  void keptAxesHaveExtentOne() {
    assertThat(MATRIX.sumKeepDims(1).toNested()).isEqualTo(new double[][] {{6}, {15}});
    assertThat(MATRIX.meanKeepDims().toNested()).isEqualTo(new double[][] {{3.5}});
    assertThat(MATRIX.sub(MATRIX.maxKeepDims(0)).toNested())
        .isEqualTo(new double[][] {{-3, -3, -3}, {0, 0, 0}});
  }

  @BackendTest
  void integersSumInI64AndAverageInF64() {
    Tensor x = Tensor.of(Integer.MAX_VALUE, 1);
    assertThat(x.sum().itemLong()).isEqualTo(1L + Integer.MAX_VALUE);
    assertThat(x.sum().dtype()).isEqualTo(DType.I64);
    assertThat(Tensor.of(true, true, false).sum().itemLong()).isEqualTo(2);
    assertThat(Tensor.of(3, 5).prod().dtype()).isEqualTo(DType.I64);
    assertThat(Tensor.of(1, 2).mean().item()).isEqualTo(1.5);
    assertThat(Tensor.of(1f, 2f).mean().dtype()).isEqualTo(DType.F32);
    assertThat(x.max().dtype()).isEqualTo(DType.I32);
    assertThat(Tensor.of(0, 2).any().itemBoolean()).isTrue();
    assertThat(Tensor.of(0.5, 2).all().itemBoolean()).isTrue();
  }

  @BackendTest
  void nothingSumsToZeroAndHasNoMaximum() {
    Tensor none = Tensor.zeros(DType.F64, 0, 3);
    assertThat(none.sum(0).toDoubleArray()).containsExactly(0, 0, 0);
    assertThat(none.prod(0).toDoubleArray()).containsExactly(1, 1, 1);
    assertThat(none.mean().item()).isNaN();
    assertThat(none.max(1).shape()).isEqualTo(Shape.of(0));
    assertThat(none.any().itemBoolean()).isFalse();
    assertThat(none.all().itemBoolean()).isTrue();
    assertThatThrownBy(() -> none.max(0))
        .isInstanceOf(ShapeException.class)
        .hasMessage("max: expected elements to choose from, but f64[0, 3] has none along axes [0]");
  }

  @BackendTest
  void nanSpreadsThroughMax() {
    Tensor x = Tensor.of(new double[][] {{1, Double.NaN, 3}, {1, 2, 3}});
    assertThat(x.max(1).toDoubleArray()).containsExactly(Double.NaN, 3);
    assertThat(x.min(1).toDoubleArray()).containsExactly(Double.NaN, 1);
  }

  @BackendTest
  void axesOutOfRangeAndTwiceAreNamed() {
    assertThatThrownBy(() -> MATRIX.sum(2))
        .isInstanceOf(AxisException.class)
        .hasMessage("sum: axis 2 is out of range for shape [2, 3] of rank 2");
    assertThatThrownBy(() -> MATRIX.mean(1, -1))
        .isInstanceOf(AxisException.class)
        .hasMessage("mean: axis -1 of f64[2, 3] is given twice");
  }
}
