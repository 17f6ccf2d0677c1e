package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.primitive.BackendTest;
import java.util.List;

/** Checks repeating, mirroring and dividing against what NumPy gives. */
class ArrangementOpsTest {
  private static final Tensor ROW = Tensor.of(1, 2, 3);
  private static final Tensor MATRIX = Tensor.of(new int[][] {{1, 2}, {3, 4}});

  @BackendTest
  void tilesTheWhole() {
    assertThat(ROW.tile(2).toIntArray()).containsExactly(1, 2, 3, 1, 2, 3);
    assertThat(ROW.tile(2, 1).toNested()).isEqualTo(new int[][] {{1, 2, 3}, {1, 2, 3}});
    assertThat(MATRIX.tile(2).toNested()).isEqualTo(new int[][] {{1, 2, 1, 2}, {3, 4, 3, 4}});
    assertThat(MATRIX.tile(1, 1).toNested()).isEqualTo(MATRIX.toNested());
    assertThat(Tensor.scalar(5).tile(3).toIntArray()).containsExactly(5, 5, 5);
    assertThat(ROW.tile(0).shape()).isEqualTo(Shape.of(0));
    assertThatThrownBy(() -> ROW.tile(2, -1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("tile: counts must not be negative, got [2, -1] for i32[3]");
  }

  @BackendTest
  void repeatsEachEntry() {
    assertThat(ROW.repeat(2, 0).toIntArray()).containsExactly(1, 1, 2, 2, 3, 3);
    assertThat(MATRIX.repeat(2, -1).toNested()).isEqualTo(new int[][] {{1, 1, 2, 2}, {3, 3, 4, 4}});
    assertThat(MATRIX.repeat(0, 0).shape()).isEqualTo(Shape.of(0, 2));
    assertThat(ROW.repeat(new long[] {2, 0, 1}, 0).toIntArray()).containsExactly(1, 1, 3);
    assertThat(MATRIX.repeat(new long[] {1, 3}, -1).toNested())
        .isEqualTo(new int[][] {{1, 2, 2, 2}, {3, 4, 4, 4}});
    assertThat(MATRIX.repeat(new long[] {0, 0}, 0).shape()).isEqualTo(Shape.of(0, 2));
    assertThatThrownBy(() -> ROW.repeat(new long[] {1, 2}, 0))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "repeat: expected a count of at least 0 for each entry along axis 0 of i32[3], got"
                + " [1, 2]");
    assertThatThrownBy(() -> ROW.repeat(new long[] {1, -2, 1}, 0))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> ROW.repeat(2, 1))
        .isInstanceOf(AxisException.class)
        .hasMessage("repeat: axis 1 is out of range for shape [3] of rank 1");
  }

  @BackendTest
  void splitsIntoParts() {
    List<Tensor> halves = Tensor.arange(6).split(2, 0);
    assertThat(halves).hasSize(2);
    assertThat(halves.get(1).toIntArray()).containsExactly(3, 4, 5);
    assertThat(MATRIX.split(2, 1).getLast().toNested()).isEqualTo(new int[][] {{2}, {4}});
    assertThat(MATRIX.split(1, 0).getFirst().toNested()).isEqualTo(MATRIX.toNested());
    List<Tensor> parts = Tensor.arange(6).splitAt(new long[] {1, 1, 4}, 0);
    assertThat(parts).extracting(Tensor::size).containsExactly(1L, 0L, 3L, 2L);
    assertThat(parts.get(2).toIntArray()).containsExactly(1, 2, 3);
    assertThatThrownBy(() -> ROW.split(2, 0))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "split: axis 0 of i32[3] does not divide into 2 equal parts. Use"
                + " splitAt(positions, axis)");
    assertThatThrownBy(() -> ROW.splitAt(new long[] {2, 1}, 0))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "splitAt: positions must ascend from 0 to 3, the extent of axis 0 of i32[3], got"
                + " [2, 1]");
  }

  @BackendTest
  void turns() {
    assertThat(MATRIX.rot90(1).toNested()).isEqualTo(new int[][] {{2, 4}, {1, 3}});
    assertThat(MATRIX.rot90(2).toNested()).isEqualTo(new int[][] {{4, 3}, {2, 1}});
    assertThat(MATRIX.rot90(-1).toNested()).isEqualTo(new int[][] {{3, 1}, {4, 2}});
    assertThat(MATRIX.rot90(4).toNested()).isEqualTo(MATRIX.toNested());
    assertThat(Tensor.zeros(2, 3, 4).rot90(1).shape()).isEqualTo(Shape.of(3, 2, 4));
    assertThatThrownBy(() -> ROW.rot90(1)).isInstanceOf(ShapeException.class);
  }

  @BackendTest
  void padsFromTheTensorItself() {
    assertThat(padded(PadMode.EDGE)).containsExactly(1, 1, 1, 1, 2, 3, 3);
    assertThat(padded(PadMode.REFLECT)).containsExactly(2, 3, 2, 1, 2, 3, 2);
    assertThat(padded(PadMode.SYMMETRIC)).containsExactly(3, 2, 1, 1, 2, 3, 3);
    assertThat(padded(PadMode.WRAP)).containsExactly(1, 2, 3, 1, 2, 3, 1);
    long[] none = {0, 0};
    assertThat(MATRIX.pad(none, new long[] {1, 1}, PadMode.REFLECT).toNested())
        .isEqualTo(new int[][] {{1, 2, 1}, {3, 4, 3}, {1, 2, 1}});
    assertThat(MATRIX.pad(none, none, PadMode.EDGE).toNested()).isEqualTo(MATRIX.toNested());
    assertThatThrownBy(() -> MATRIX.pad(none, new long[] {1}, PadMode.EDGE))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "pad: expected 2 widths before and behind, one an axis of i32[2, 2], got [0, 0] and"
                + " [1]");
    assertThatThrownBy(() -> Tensor.zeros(0).pad(new long[] {1}, new long[] {0}, PadMode.WRAP))
        .isInstanceOf(ShapeException.class)
        .hasMessage("pad: cannot put 1 before and 0 behind by WRAP along axis 0 of f32[0]");
  }

  private static int[] padded(PadMode mode) {
    return ROW.pad(new long[] {3}, new long[] {1}, mode).toIntArray();
  }

  @BackendTest
  void gridsRunAlongTheirAxes() {
    List<Tensor> grids = Tensor.meshgrid(ROW, Tensor.of(8, 9));
    assertThat(grids.getFirst().toNested()).isEqualTo(new int[][] {{1, 2, 3}, {1, 2, 3}});
    assertThat(grids.getLast().toNested()).isEqualTo(new int[][] {{8, 8, 8}, {9, 9, 9}});
    assertThat(Tensor.meshgridIj(ROW, Tensor.of(8, 9)).getFirst().toNested())
        .isEqualTo(new int[][] {{1, 1}, {2, 2}, {3, 3}});
    assertThat(Tensor.meshgrid(ROW).getFirst().toIntArray()).containsExactly(1, 2, 3);
    assertThat(Tensor.meshgrid(ROW, ROW, Tensor.of(1)).getLast().shape())
        .isEqualTo(Shape.of(3, 3, 1));
    assertThatThrownBy(() -> Tensor.meshgrid(ROW, MATRIX))
        .isInstanceOf(ShapeException.class)
        .hasMessage("meshgrid: expected vectors, got i32[2, 2] as argument 1");
  }
}
