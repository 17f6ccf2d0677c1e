package dev.lockstep.tensor;

import static dev.lockstep.tensor.Index.all;
import static dev.lockstep.tensor.Index.at;
import static dev.lockstep.tensor.Index.ellipsis;
import static dev.lockstep.tensor.Index.every;
import static dev.lockstep.tensor.Index.from;
import static dev.lockstep.tensor.Index.newAxis;
import static dev.lockstep.tensor.Index.of;
import static dev.lockstep.tensor.Index.range;
import static dev.lockstep.tensor.Index.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.IndexException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.BackendTest;

/** Checks reads by NumPy's index lists; {@code CUBE[i, j, k] = 100 i + 10 j + k}. */
class GetTest {
  private static final Tensor ROW = Tensor.of(0, 1, 2, 3, 4, 5);
  private static final Tensor CUBE = cube(2, 3, 4);

  private static Tensor cube(int depth, int rows, int columns) {
    int[] elements = new int[depth * rows * columns];
    int next = 0;
    for (int i = 0; i < depth; i++) {
      for (int j = 0; j < rows; j++) {
        for (int k = 0; k < columns; k++) {
          elements[next++] = 100 * i + 10 * j + k;
        }
      }
    }
    return Tensor.of(elements, Shape.of(depth, rows, columns));
  }

  @BackendTest
  void positionsDropTheirAxis() {
    assertThat(CUBE.get(at(1), at(-1), at(0)).itemLong()).isEqualTo(120);
    assertThat(CUBE.get(at(0)).shape()).isEqualTo(Shape.of(3, 4));
    assertThat(CUBE.get(all(), at(2)).toNested())
        .isEqualTo(new int[][] {{20, 21, 22, 23}, {120, 121, 122, 123}});
    assertThat(CUBE.get(ellipsis(), at(3)).toNested())
        .isEqualTo(new int[][] {{3, 13, 23}, {103, 113, 123}});
  }

  @BackendTest
  void rangesAreThoseOfPython() {
    assertThat(ROW.get(range(1, 4)).toIntArray()).containsExactly(1, 2, 3);
    assertThat(ROW.get(range(-3, 100)).toIntArray()).containsExactly(3, 4, 5);
    assertThat(ROW.get(range(0, 6, 2)).toIntArray()).containsExactly(0, 2, 4);
    assertThat(ROW.get(range(4, 0, -2)).toIntArray()).containsExactly(4, 2);
    assertThat(ROW.get(range(100, -100, -3)).toIntArray()).containsExactly(5, 2);
    assertThat(ROW.get(range(3, 1)).shape()).isEqualTo(Shape.of(0));
    assertThat(ROW.get(range(1, 3, -1)).shape()).isEqualTo(Shape.of(0));
    assertThat(ROW.get(from(-2)).toIntArray()).containsExactly(4, 5);
    assertThat(ROW.get(until(-4)).toIntArray()).containsExactly(0, 1);
    assertThat(ROW.get(every(-1)).toIntArray()).containsExactly(5, 4, 3, 2, 1, 0);
    assertThat(ROW.get(every(4)).toIntArray()).containsExactly(0, 4);
  }

  @BackendTest
  void newAxesAndEllipsesStandWhereTheyAreWritten() {
    assertThat(CUBE.get(newAxis(), at(0), ellipsis(), newAxis()).shape())
        .isEqualTo(Shape.of(1, 3, 4, 1));
    assertThat(CUBE.get(ellipsis()).shape()).isEqualTo(CUBE.shape());
    assertThat(CUBE.get(all(), newAxis(), range(0, 2)).shape()).isEqualTo(Shape.of(2, 1, 2, 4));
    assertThat(CUBE.get(at(0), at(1), at(2), ellipsis()).itemLong()).isEqualTo(12);
  }

  @BackendTest
  void indexTensorsSelectElementByElement() {
    Tensor rows = Tensor.of(0, 2, -1);
    Tensor columns = Tensor.of(1, 1, 3);
    assertThat(CUBE.get(at(1), of(rows), of(columns)).toIntArray()).containsExactly(101, 121, 123);
    assertThat(CUBE.get(all(), of(rows), of(columns)).toNested())
        .isEqualTo(new int[][] {{1, 21, 23}, {101, 121, 123}});
    Tensor column = Tensor.of(new int[][] {{0}, {2}});
    assertThat(CUBE.get(at(0), of(column), of(Tensor.of(1, 3))).toNested())
        .isEqualTo(new int[][] {{1, 3}, {21, 23}});
    assertThat(CUBE.get(of(Tensor.scalar(1)), at(0), at(0)).itemLong()).isEqualTo(100);
  }

  @BackendTest
  void axesOfIndexTensorsComeFirstIfOthersStandBetween() {
    Tensor two = Tensor.of(1, 0);
    assertThat(CUBE.get(of(two), all(), of(Tensor.of(3, 2))).toNested())
        .isEqualTo(new int[][] {{103, 113, 123}, {2, 12, 22}});
    assertThat(CUBE.get(at(1), all(), of(Tensor.of(3, 2))).toNested())
        .isEqualTo(new int[][] {{103, 113, 123}, {102, 112, 122}});
    assertThat(CUBE.get(range(0, 1), of(two), newAxis()).shape()).isEqualTo(Shape.of(1, 2, 1, 4));
    assertThat(CUBE.get(all(), all(), of(Tensor.of(new int[][] {{3, 2}}))).shape())
        .isEqualTo(Shape.of(2, 3, 1, 2));
    assertThat(CUBE.get(every(-1), of(two), range(3, 0, -2)).toNested())
        .isEqualTo(new int[][][] {{{113, 111}, {103, 101}}, {{13, 11}, {3, 1}}});
  }

  @BackendTest
  void indicesOutOfRangeAreNamed() {
    assertThatThrownBy(() -> CUBE.get(all(), at(3)))
        .isInstanceOf(IndexException.class)
        .hasMessage(
            "get: index 3 is out of range for axis 1 of i32[2, 3, 4]; expected -3 <= index < 3");
    assertThatThrownBy(() -> CUBE.get(all(), all(), of(Tensor.of(0, -5, 1))))
        .isInstanceOf(IndexException.class)
        .hasMessage(
            "get: index -5 is out of range for axis 2 of i32[2, 3, 4]; expected -4 <= index < 4");
    assertThatThrownBy(() -> ROW.get(at(0), at(1)))
        .isInstanceOf(IndexException.class)
        .hasMessage("get: 2 indices and 0 ellipses do not fit the 1 axes of i32[6]");
    assertThatThrownBy(() -> CUBE.get(ellipsis(), ellipsis())).isInstanceOf(IndexException.class);
    assertThatThrownBy(() -> range(0, 3, 0))
        .isInstanceOf(IndexException.class)
        .hasMessage("range: the step must not be 0");
  }

  @BackendTest
  void indicesMustBeIntegersThatBroadcast() {
    assertThatThrownBy(() -> ROW.get(of(ROW.greater(2))))
        .isInstanceOf(DTypeException.class)
        .hasMessage(
            "get: indices must be integers, got bool[6]. What a mask selects has no static shape;"
                + " use Tensor.where(mask, x, other), or x.at(mask).set(value)");
    assertThatThrownBy(() -> ROW.get(of(Tensor.of(0.5))))
        .isInstanceOf(DTypeException.class)
        .hasMessage("get: indices must be integers, got f64[1]. Cast them: index.cast(DType.I32)");
    assertThatThrownBy(() -> CUBE.get(of(Tensor.of(0, 1)), of(Tensor.of(0, 1, 2))))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("get: shapes do not broadcast: i32[2] and i32[3]");
  }

  @BackendTest
  void insideATraceIndicesClamp() {
    Tensor far = Tensor.of(-100, -1, 2, 100);
    Tensor taken = Trace.staged(() -> ROW.get(of(far)));
    assertThat(taken.toIntArray()).containsExactly(0, 5, 2, 5);
  }

  @BackendTest
  void takesAlongAnAxis() {
    Tensor picks = Tensor.of(new int[][] {{2, 0}, {-1, 1}});
    assertThat(CUBE.take(picks, 1).shape()).isEqualTo(Shape.of(2, 2, 2, 4));
    assertThat(CUBE.take(picks, 1).get(at(1), at(1), all(), at(0)).toIntArray())
        .containsExactly(120, 110);
    assertThat(ROW.take(Tensor.scalar(4L), 0).itemLong()).isEqualTo(4);
    assertThat(ROW.take(Tensor.zeros(DType.I32, 0), 0).shape()).isEqualTo(Shape.of(0));
    assertThatThrownBy(() -> CUBE.take(Tensor.of(0, 3), -2))
        .isInstanceOf(IndexException.class)
        .hasMessage(
            "take: index 3 is out of range for axis 1 of i32[2, 3, 4]; expected -3 <= index < 3");
    Tensor none = Tensor.zeros(0);
    assertThatThrownBy(() -> none.take(Tensor.of(0), 0)).isInstanceOf(IndexException.class);
  }

  @BackendTest
  void takesOneAnElement() {
    Tensor x = Tensor.of(new double[][] {{3, 1, 2}, {1, 9, 0}});
    assertThat(x.takeAlongAxis(x.argSort(1), 1).toNested())
        .isEqualTo(new double[][] {{1, 2, 3}, {0, 1, 9}});
    assertThat(x.takeAlongAxis(Tensor.of(new int[][] {{1, 0, -1}}), 0).toNested())
        .isEqualTo(new double[][] {{1, 1, 0}});
    assertThat(x.takeAlongAxis(Tensor.of(new int[][] {{2}}), 1).toNested())
        .isEqualTo(new double[][] {{2}, {0}});
    assertThatThrownBy(() -> x.takeAlongAxis(Tensor.of(0), 1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("takeAlongAxis: expected indices of rank 2, as f64[2, 3], got i32[1]");
    assertThatThrownBy(() -> x.takeAlongAxis(Tensor.zeros(DType.I32, 3, 1), 1))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "takeAlongAxis: f64[2, 3] and the indices i32[3, 1] must have equal extents but on"
                + " axis 1");
  }

  @BackendTest
  void gathersByIndexTensorsOfTheFirstAxes() {
    Tensor picks = Tensor.of(1, 0);
    assertThat(CUBE.gather(picks, Tensor.of(2, -3)).toNested())
        .isEqualTo(new int[][] {{120, 121, 122, 123}, {0, 1, 2, 3}});
    assertThatThrownBy(() -> CUBE.gather()).isInstanceOf(IndexException.class);
  }

  @BackendTest
  void dynamicSlicesStayInside() {
    long[] sizes = {1, 2, 4};
    assertThat(CUBE.dynamicSlice(Tensor.of(1, 0, 0), sizes).toNested())
        .isEqualTo(new int[][][] {{{100, 101, 102, 103}, {110, 111, 112, 113}}});
    assertThat(CUBE.dynamicSlice(Tensor.of(-7, 9, 9), sizes).toNested())
        .isEqualTo(new int[][][] {{{10, 11, 12, 13}, {20, 21, 22, 23}}});
    assertThat(CUBE.dynamicSlice(Tensor.of(0, 0, 0), new long[] {2, 3, 4}).toIntArray())
        .isEqualTo(CUBE.toIntArray());
    assertThat(ROW.dynamicSliceAlong(Tensor.scalar(-3), 2, 0).toIntArray())
        .isEqualTo(ROW.get(range(-3, -1)).toIntArray());
    assertThat(ROW.dynamicSliceAlong(Tensor.scalar(3L), 2, 0).toIntArray()).containsExactly(3, 4);
    assertThat(CUBE.dynamicSliceAlong(Tensor.scalar(8), 1, -1).toNested())
        .isEqualTo(new int[][][] {{{3}, {13}, {23}}, {{103}, {113}, {123}}});
    assertThatThrownBy(() -> CUBE.dynamicSlice(Tensor.of(0, 0), sizes))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "dynamicSlice: expected starts i32[3] and sizes that fit i32[2, 3, 4], got starts"
                + " i32[2] and sizes [1, 2, 4]");
    assertThatThrownBy(() -> ROW.dynamicSliceAlong(Tensor.scalar(0), 7, 0))
        .isInstanceOf(ShapeException.class);
  }

  @BackendTest
  void oneHotIsZeroOutOfRange() {
    assertThat(Tensor.of(2, 0, 3, -1).oneHot(3, DType.F64).toNested())
        .isEqualTo(new double[][] {{0, 0, 1}, {1, 0, 0}, {0, 0, 0}, {0, 0, 0}});
    assertThat(Tensor.of(2, 0).oneHot(3, DType.I32, 0).toNested())
        .isEqualTo(new int[][] {{0, 1}, {0, 0}, {1, 0}});
    assertThat(Tensor.zeros(DType.I64, 4, 5).oneHot(3, DType.F32, -2).shape())
        .isEqualTo(Shape.of(4, 3, 5));
    assertThatThrownBy(() -> Tensor.of(2).oneHot(3, DType.I32, 2))
        .isInstanceOf(AxisException.class)
        .hasMessage("oneHot: axis 2 is out of range for a result of rank 2, from i32[1]");
    assertThat(Tensor.scalar(1L).oneHot(2, DType.BOOL).toBooleanArray())
        .containsExactly(false, true);
    assertThatThrownBy(() -> Tensor.of(0.5).oneHot(2, DType.F32))
        .isInstanceOf(DTypeException.class);
    assertThat(Tensor.of(1).oneHot(0, DType.F32).shape()).isEqualTo(Shape.of(1, 0));
  }
}
