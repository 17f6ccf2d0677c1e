package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.BackendTest;

/** Checks sorting, arg-extrema, quantiles and searching against what NumPy gives. */
class OrderingOpsTest {
  private static final double NAN = Double.NaN;
  private static final Tensor MATRIX = Tensor.of(new double[][] {{3, 1, 2}, {1, 9, 0}});

  @BackendTest
  void sortsAlongEachAxis() {
    assertThat(MATRIX.sort(1).toNested()).isEqualTo(new double[][] {{1, 2, 3}, {0, 1, 9}});
    assertThat(MATRIX.sort(0).toNested()).isEqualTo(new double[][] {{1, 1, 0}, {3, 9, 2}});
    assertThat(MATRIX.sortDescending(-1).toNested())
        .isEqualTo(new double[][] {{3, 2, 1}, {9, 1, 0}});
    assertThat(Tensor.of(3, -1, 2).sort(0).toIntArray()).containsExactly(-1, 2, 3);
    assertThat(Tensor.of(true, false, true).sort(0).toBooleanArray())
        .containsExactly(false, true, true);
  }

  @BackendTest
  void equalElementsKeepTheirOrderInBothDirections() {
    Tensor x = Tensor.of(1.0, 0, 1, 0);
    assertThat(x.argSort(0).toIntArray()).containsExactly(1, 3, 0, 2);
    assertThat(x.argSortDescending(0).toIntArray()).containsExactly(0, 2, 1, 3);
    assertThat(MATRIX.argSort(0).toNested()).isEqualTo(new int[][] {{1, 0, 1}, {0, 1, 0}});
  }

  @BackendTest
  void nanComesLastOrFirst() {
    Tensor x = Tensor.of(2, NAN, 1, Double.POSITIVE_INFINITY);
    assertThat(x.sort(0).toDoubleArray()).containsExactly(1, 2, Double.POSITIVE_INFINITY, NAN);
    assertThat(x.sortDescending(0).toDoubleArray())
        .containsExactly(NAN, Double.POSITIVE_INFINITY, 2, 1);
  }

  @BackendTest
  void topKTakesTheFirstOfEquals() {
    TopK top = Tensor.of(4, 7, 4, 7, 1).topK(3, 0);
    assertThat(top.values().toIntArray()).containsExactly(7, 7, 4);
    assertThat(top.indices().toIntArray()).containsExactly(1, 3, 0);
    assertThat(MATRIX.topK(1, 0).values().toNested()).isEqualTo(new double[][] {{3, 9, 2}});
    assertThat(MATRIX.topK(0, 1).indices().shape()).isEqualTo(Shape.of(2, 0));
    assertThatThrownBy(() -> MATRIX.topK(4, 1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("topK: expected k of 0 to 3, the extent of axis 1 of f64[2, 3], got 4");
  }

  @BackendTest
  void argExtremaGiveTheFirstOfEqualsAndNanWins() {
    assertThat(MATRIX.argMax(1).toIntArray()).containsExactly(0, 1);
    assertThat(MATRIX.argMin(0).toIntArray()).containsExactly(1, 0, 1);
    assertThat(Tensor.of(2, 5, 5, 2).argMax(0).itemLong()).isEqualTo(1);
    assertThat(Tensor.of(2, 5, 5, 2).argMin(0).itemLong()).isEqualTo(0);
    assertThat(Tensor.of(2, NAN, 9, NAN).argMax(0).itemLong()).isEqualTo(1);
    assertThat(Tensor.of(2, 1, NAN).argMin(0).itemLong()).isEqualTo(2);
    assertThat(MATRIX.argMax(0).dtype()).isEqualTo(DType.I32);
    assertThat(Tensor.of(false, true, true).argMax(0).itemLong()).isEqualTo(1);
    assertThat(MATRIX.argMax().itemLong()).isEqualTo(4);
    assertThat(MATRIX.argMin().itemLong()).isEqualTo(5);
    assertThat(Tensor.scalar(3).argMax().itemLong()).isZero();
    assertThat(MATRIX.argMaxKeepDims(0).toNested()).isEqualTo(new int[][] {{0, 1, 0}});
    assertThat(MATRIX.argMinKeepDims(-1).toNested()).isEqualTo(new int[][] {{1}, {2}});
    assertThatThrownBy(() -> Tensor.zeros(2, 0).argMax(1))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "argMax: expected elements to choose from, but f32[2, 0] has none along axes [1]");
  }

  @BackendTest
  void mediansAndQuantilesInterpolate() {
    assertThat(MATRIX.median(1).toDoubleArray()).containsExactly(2, 1);
    assertThat(MATRIX.median(0).toDoubleArray()).containsExactly(2, 5, 1);
    assertThat(MATRIX.median().item()).isEqualTo(1.5);
    assertThat(MATRIX.medianKeepDims(1).shape()).isEqualTo(Shape.of(2, 1));
    Tensor x = Tensor.of(1.0, 2, 3, 4);
    assertThat(x.quantile(0).item()).isEqualTo(1);
    assertThat(x.quantile(1).item()).isEqualTo(4);
    assertThat(x.quantile(0.4).item()).isCloseTo(2.2, within(1e-15));
    assertThat(Tensor.of(1, 4).median().item()).isEqualTo(2.5);
    assertThat(Tensor.of(1f, 4).median().dtype()).isEqualTo(DType.F32);
    assertThat(Tensor.of(1, NAN, 3).median().item()).isNaN();
    assertThatThrownBy(() -> x.quantile(1.5))
        .isInstanceOf(ShapeException.class)
        .hasMessage("quantile: expected q in [0, 1], got 1.5");
  }

  @BackendTest
  void quantilesOfSeveralPositionsHaveTheirAxesFirst() {
    Tensor q = Tensor.of(0, 0.25, 1);
    assertThat(MATRIX.quantile(q, 1).toNested())
        .isEqualTo(new double[][] {{1, 0}, {1.5, 0.5}, {3, 9}});
    assertThat(MATRIX.quantile(q).toDoubleArray()).containsExactly(0, 1, 9);
    assertThat(MATRIX.quantileKeepDims(q, 0).shape()).isEqualTo(Shape.of(3, 1, 3));
    assertThat(MATRIX.quantile(Tensor.of(new double[][] {{0.5}}), 1).shape())
        .isEqualTo(Shape.of(1, 1, 2));
    assertThat(MATRIX.quantile(Tensor.scalar(0.5), 1).toDoubleArray()).containsExactly(2, 1);
    Tensor x = Tensor.of(1, Double.POSITIVE_INFINITY);
    assertThat(x.quantile(q).toDoubleArray())
        .containsExactly(1, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    assertThat(Tensor.of(1, NAN).quantile(q).toDoubleArray()).containsOnly(NAN);
    assertThat(Tensor.of(1f, 2).quantile(Tensor.of(0.5f)).dtype()).isEqualTo(DType.F32);
    assertThat(Tensor.of(1, 2).quantile(Tensor.of(0, 1)).toDoubleArray()).containsExactly(1, 2);
    assertThatThrownBy(() -> MATRIX.quantile(Tensor.of(0.5, 1.5), 0))
        .isInstanceOf(ShapeException.class)
        .hasMessage("quantile: expected q in [0, 1], got 1.5");
    Tensor clamped = Trace.staged(() -> MATRIX.quantile(Tensor.of(-1, 1.5), 1));
    assertThat(clamped.toNested()).isEqualTo(new double[][] {{1, 0}, {3, 9}});
  }

  @BackendTest
  void searchesAsNumPyDoes() {
    Tensor x = Tensor.of(1.0, 2, 2, 5, NAN);
    Tensor values = Tensor.of(0.0, 1, 2, 3, 9, NAN);
    assertThat(x.searchSorted(values).toIntArray()).containsExactly(0, 0, 1, 3, 4, 4);
    assertThat(x.searchSortedRight(values).toIntArray()).containsExactly(0, 1, 3, 3, 4, 5);
    assertThat(Tensor.of(1, 3).searchSorted(Tensor.scalar(2.5)).itemLong()).isEqualTo(1);
    assertThat(Tensor.zeros(0).searchSorted(Tensor.of(1, 2)).toIntArray()).containsExactly(0, 0);
    assertThatThrownBy(() -> MATRIX.searchSorted(values))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith(
            "searchSorted: expected a vector in ascending order, got f64[2, 3]");
    assertThatThrownBy(() -> Tensor.of(true).searchSorted(Tensor.of(true)))
        .isInstanceOf(DTypeException.class);
  }
}
