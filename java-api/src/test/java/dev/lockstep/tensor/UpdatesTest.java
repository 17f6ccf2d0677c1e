package dev.lockstep.tensor;

import static dev.lockstep.tensor.Index.all;
import static dev.lockstep.tensor.Index.at;
import static dev.lockstep.tensor.Index.every;
import static dev.lockstep.tensor.Index.newAxis;
import static dev.lockstep.tensor.Index.of;
import static dev.lockstep.tensor.Index.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.IndexException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.BackendTest;

/** Checks functional updates, scatters and segments. */
class UpdatesTest {
  private static final Tensor ROW = Tensor.of(1.0, 2, 3, 4);
  private static final Tensor ZEROS = Tensor.zeros(DType.I32, 2, 3);

  @BackendTest
  void setsPositionsAndRanges() {
    assertThat(ROW.at(-1).set(9).toDoubleArray()).containsExactly(1, 2, 3, 9);
    assertThat(ROW.toDoubleArray()).containsExactly(1, 2, 3, 4);
    assertThat(ROW.at(range(1, 3)).set(Tensor.of(7, 8)).toDoubleArray())
        .containsExactly(1, 7, 8, 4);
    assertThat(ROW.at(every(-2)).set(Tensor.of(7, 8)).toDoubleArray()).containsExactly(1, 8, 3, 7);
    assertThat(ROW.at(all()).set(0.5).toDoubleArray()).containsExactly(0.5, 0.5, 0.5, 0.5);
    assertThat(ROW.at(range(2, 2)).set(5).toDoubleArray()).containsExactly(1, 2, 3, 4);
    assertThat(ZEROS.at(all(), at(1)).set(Tensor.of(5, 6)).toNested())
        .isEqualTo(new int[][] {{0, 5, 0}, {0, 6, 0}});
    assertThat(ZEROS.at(at(1), range(0, 2)).set(Tensor.of(5, 6)).toNested())
        .isEqualTo(new int[][] {{0, 0, 0}, {5, 6, 0}});
    assertThat(
            ZEROS
                .at(range(0, 2), range(2, 0, -1))
                .set(Tensor.of(new int[][] {{1, 2}, {3, 4}}))
                .toNested())
        .isEqualTo(new int[][] {{0, 2, 1}, {0, 4, 3}});
  }

  @BackendTest
  void valuesHaveTheShapeThatGetGives() {
    Tensor x = Tensor.zeros(DType.F64, 3, 4, 5);
    Tensor rows = Tensor.of(2, 0);
    Tensor columns = Tensor.of(1, 4);
    Index[][] lists = {
      {of(rows), all(), of(columns)},
      {all(), of(rows), range(0, 4, 2)},
      {range(0, 2), newAxis(), of(columns.minimum(3)), at(2)},
      {at(1), of(rows)},
      {newAxis(), every(-1), at(-1), newAxis(), range(1, 3)},
    };
    for (Index[] list : lists) {
      Shape shape = x.get(list).shape();
      Tensor values = Tensor.arange(1.0, 1.0 + shape.size()).reshape(shape.extents());
      Tensor updated = x.at(list).set(values);
      assertThat(updated.get(list).toDoubleArray()).isEqualTo(values.toDoubleArray());
      assertThat(updated.sum().item()).isEqualTo(values.sum().item());
    }
  }

  @BackendTest
  void equalIndicesCombineAndTheLastOneIsSet() {
    Tensor twice = Tensor.of(0, 0, 2);
    Tensor values = Tensor.of(10, 20, 30);
    assertThat(ROW.at(twice).add(values).toDoubleArray()).containsExactly(31, 2, 33, 4);
    assertThat(ROW.at(twice).set(values).toDoubleArray()).containsExactly(20, 2, 30, 4);
    assertThat(ROW.at(twice).mul(values).toDoubleArray()).containsExactly(200, 2, 90, 4);
    assertThat(ROW.at(twice).max(Tensor.of(0, 5, 1)).toDoubleArray()).containsExactly(5, 2, 3, 4);
    assertThat(ROW.at(twice).min(Tensor.of(0, 5, 1)).toDoubleArray()).containsExactly(0, 2, 1, 4);
    assertThat(ROW.scatterAdd(twice, Tensor.of(1, 1, 1)).toDoubleArray())
        .containsExactly(3, 2, 4, 4);
    assertThat(ROW.at(twice).add(1).toDoubleArray()).containsExactly(3, 2, 4, 4);
  }

  @BackendTest
  void masksSelectByValue() {
    Tensor mask = ROW.greater(2);
    assertThat(ROW.at(mask).set(0).toDoubleArray()).containsExactly(1, 2, 0, 0);
    assertThat(ROW.at(mask).mul(10L).toDoubleArray()).containsExactly(1, 2, 30, 40);
    Tensor rows = Tensor.of(false, true);
    assertThat(ZEROS.at(rows).add(Tensor.of(1, 2, 3)).toNested())
        .isEqualTo(new int[][] {{0, 0, 0}, {1, 2, 3}});
    assertThatThrownBy(() -> ZEROS.at(mask).set(1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("at.set: the mask must have the first axes of i32[2, 3], got bool[4]");
  }

  @BackendTest
  void valuesMustFit() {
    assertThatThrownBy(() -> ZEROS.at(0).set(0.5))
        .isInstanceOf(DTypeException.class)
        .hasMessage(
            "at.set: values f64[] do not fit in i32[2, 3]. Cast one: values.cast(DType.I32)");
    assertThatThrownBy(() -> ZEROS.at(at(0)).add(Tensor.of(1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "at.add: values i32[2] do not broadcast to [3], which is selected of i32[2, 3]");
    assertThatThrownBy(() -> ROW.at(Tensor.of(0, 4)).set(1))
        .isInstanceOf(IndexException.class)
        .hasMessage(
            "at.set: index 4 is out of range for axis 0 of f64[4]; expected -4 <= index < 4");
    assertThatThrownBy(() -> ROW.scatterAdd(Tensor.of(true), ROW))
        .isInstanceOf(DTypeException.class);
  }

  @BackendTest
  void insideATraceUpdatesOutOfRangeAreDropped() {
    Tensor far = Tensor.of(-9, 4, -1);
    Tensor updated = Trace.staged(() -> ROW.at(far).set(0));
    assertThat(updated.toDoubleArray()).containsExactly(1, 2, 3, 0);
  }

  @BackendTest
  void segmentsCombineEntriesWithOneId() {
    Tensor ids = Tensor.of(2, 0, 2, 0);
    assertThat(ROW.segmentSum(ids, 3).toDoubleArray()).containsExactly(6, 0, 4);
    assertThat(ROW.segmentProd(ids, 3).toDoubleArray()).containsExactly(8, 1, 3);
    assertThat(ROW.segmentMax(ids, 3).toDoubleArray())
        .containsExactly(4, Double.NEGATIVE_INFINITY, 3);
    assertThat(ROW.segmentMin(ids, 3).toDoubleArray())
        .containsExactly(2, Double.POSITIVE_INFINITY, 1);
    Tensor matrix = Tensor.of(new int[][] {{1, 2}, {3, 4}, {5, 6}});
    assertThat(matrix.segmentSum(Tensor.of(1, 1, 0), 2).toNested())
        .isEqualTo(new int[][] {{5, 6}, {4, 6}});
    assertThat(matrix.segmentMax(Tensor.of(1, 1, 1), 2).toNested())
        .isEqualTo(new int[][] {{Integer.MIN_VALUE, Integer.MIN_VALUE}, {5, 6}});
    assertThat(
            matrix
                .greater(2)
                .segmentSum(Tensor.of(new int[][] {{0, 0}, {0, 1}, {1, 1}}), 2)
                .toLongArray())
        .containsExactly(1, 3);
  }

  @BackendTest
  void entriesOfNoSegmentAreLeftOutEagerlyAndInsideATrace() {
    Tensor ids = Tensor.of(-1, 0, 2, 0);
    assertThat(ROW.segmentSum(ids, 2).toDoubleArray()).containsExactly(6, 0);
    assertThat(Trace.staged(() -> ROW.segmentSum(ids, 2)).toDoubleArray()).containsExactly(6, 0);
    assertThat(ROW.segmentProd(ids, 2).toDoubleArray()).containsExactly(8, 1);
    assertThat(ROW.segmentMax(ids, 1).toDoubleArray()).containsExactly(4);
    assertThat(ROW.segmentMin(ids, 1).toDoubleArray()).containsExactly(2);
    assertThat(ROW.segmentSum(Tensor.of(Long.MIN_VALUE, Long.MAX_VALUE, 0, 0), 2).toDoubleArray())
        .containsExactly(7, 0);
  }

  @BackendTest
  void segmentIdsAreChecked() {
    assertThatThrownBy(() -> ROW.segmentSum(ROW, 3)).isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> ROW.segmentMax(Tensor.of(0, 1), 3))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "segmentMax: expected one id for each entry along the first axes of f64[4], and"
                + " n >= 0; got i32[2] and 3");
  }

  @BackendTest
  void dynamicUpdatesStayInside() {
    Tensor block = Tensor.of(new int[][] {{1, 2}});
    assertThat(ZEROS.dynamicUpdateSlice(block, Tensor.of(1, 1)).toNested())
        .isEqualTo(new int[][] {{0, 0, 0}, {0, 1, 2}});
    assertThat(ZEROS.dynamicUpdateSlice(block, Tensor.of(-3, 5)).toNested())
        .isEqualTo(new int[][] {{0, 1, 2}, {0, 0, 0}});
    assertThat(ZEROS.dynamicUpdateSlice(block, Tensor.of(-1, -3)).toNested())
        .isEqualTo(new int[][] {{0, 0, 0}, {1, 2, 0}});
    assertThat(ZEROS.dynamicUpdateSlice(ZEROS.add(4), Tensor.of(7, 7)).toNested())
        .isEqualTo(new int[][] {{4, 4, 4}, {4, 4, 4}});
    assertThatThrownBy(() -> ZEROS.dynamicUpdateSlice(ROW, Tensor.of(0, 0)))
        .isInstanceOf(ShapeException.class);
  }
}
