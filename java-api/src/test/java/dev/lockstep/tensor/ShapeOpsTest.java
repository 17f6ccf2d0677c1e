package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.IndexException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.primitive.BackendTest;

/** Checks the methods that move elements, and their errors. */
class ShapeOpsTest {
  private static final Tensor MATRIX = Tensor.of(new int[][] {{1, 2, 3}, {4, 5, 6}});

  @BackendTest
  void shapesOfOtherTensors() {
    Tensor x = Tensor.arange(6);
    Tensor like = Tensor.zeros(2, 3);
    assertThat(x.reshape(like.shape()).toNested()).isEqualTo(x.reshape(2, 3).toNested());
    assertThat(x.get(4).broadcastTo(like.shape()).toNested())
        .isEqualTo(new int[][] {{4, 4, 4}, {4, 4, 4}});
  }

  @BackendTest
  void reshapeInfersOneExtent() {
    assertThat(MATRIX.reshape(3, -1).toNested()).isEqualTo(new int[][] {{1, 2}, {3, 4}, {5, 6}});
    assertThat(MATRIX.reshape(2, 3).toNested()).isEqualTo(MATRIX.toNested());
    assertThat(MATRIX.flatten().toIntArray()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(Tensor.zeros(0, 3).reshape(-1, 3).shape()).isEqualTo(Shape.of(0, 3));
    assertThatThrownBy(() -> MATRIX.reshape(4, -1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("reshape: i32[2, 3] does not fit [4, -1]: no extent in place of -1 fits");
    assertThatThrownBy(() -> MATRIX.reshape(4, 2))
        .isInstanceOf(ShapeException.class)
        .hasMessage("reshape: i32[2, 3] does not fit [4, 2]: 6 elements against 8");
    assertThatThrownBy(() -> MATRIX.reshape(-1, -1)).isInstanceOf(ShapeException.class);
  }

  @BackendTest
  void axesPermute() {
    assertThat(MATRIX.transpose().toNested()).isEqualTo(new int[][] {{1, 4}, {2, 5}, {3, 6}});
    assertThat(MATRIX.transpose(0, -1).toNested()).isEqualTo(MATRIX.toNested());
    Tensor cube = Tensor.zeros(2, 3, 4);
    assertThat(cube.transpose(2, 0, 1).shape()).isEqualTo(Shape.of(4, 2, 3));
    assertThat(cube.swapAxes(0, -1).shape()).isEqualTo(Shape.of(4, 3, 2));
    assertThat(cube.moveAxis(0, -1).shape()).isEqualTo(Shape.of(3, 4, 2));
    assertThat(cube.moveAxis(-1, 0).shape()).isEqualTo(Shape.of(4, 2, 3));
    assertThatThrownBy(() -> cube.transpose(0, 1))
        .isInstanceOf(AxisException.class)
        .hasMessage("transpose: [0, 1] is no permutation of the axes of f32[2, 3, 4]");
    assertThatThrownBy(() -> cube.transpose(0, 1, 1)).isInstanceOf(AxisException.class);
  }

  @BackendTest
  void unitAxesComeAndGo() {
    Tensor x = Tensor.zeros(1, 3, 1);
    assertThat(x.squeeze().shape()).isEqualTo(Shape.of(3));
    assertThat(x.squeeze(-1).shape()).isEqualTo(Shape.of(1, 3));
    assertThat(x.expandDims(0).shape()).isEqualTo(Shape.of(1, 1, 3, 1));
    assertThat(x.expandDims(-1).shape()).isEqualTo(Shape.of(1, 3, 1, 1));
    assertThatThrownBy(() -> x.squeeze(1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("squeeze: axis 1 of f32[1, 3, 1] has extent 3, not 1");
    assertThatThrownBy(() -> x.expandDims(4)).isInstanceOf(AxisException.class);
  }

  @BackendTest
  void broadcastToRepeats() {
    assertThat(Tensor.of(1, 2).broadcastTo(2, 2).toNested())
        .isEqualTo(new int[][] {{1, 2}, {1, 2}});
    assertThatThrownBy(() -> MATRIX.broadcastTo(3, 3))
        .isInstanceOf(ShapeException.class)
        .hasMessage("broadcastTo: i32[2, 3] does not broadcast to [3, 3]");
    assertThatThrownBy(() -> MATRIX.broadcastTo(3)).isInstanceOf(ShapeException.class);
  }

  @BackendTest
  void elementsAreTaken() {
    assertThat(MATRIX.get(1).toIntArray()).containsExactly(4, 5, 6);
    assertThat(MATRIX.get(-2).get(-1).itemLong()).isEqualTo(3);
    assertThat(MATRIX.slice(new long[] {0, 0}, new long[] {2, 3}, new long[] {1, 2}).toNested())
        .isEqualTo(new int[][] {{1, 3}, {4, 6}});
    assertThat(MATRIX.slice(new long[] {1, 1}, new long[] {2, 1}).shape())
        .isEqualTo(Shape.of(1, 0));
    assertThat(MATRIX.flip(1).toNested()).isEqualTo(new int[][] {{3, 2, 1}, {6, 5, 4}});
    assertThat(MATRIX.flip().toNested()).isEqualTo(new int[][] {{6, 5, 4}, {3, 2, 1}});
    assertThatThrownBy(() -> MATRIX.get(2))
        .isInstanceOf(IndexException.class)
        .hasMessage(
            "get: index 2 is out of range for axis 0 of i32[2, 3]; expected -2 <= index < 2");
    assertThatThrownBy(() -> Tensor.scalar(1).get(0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> MATRIX.slice(new long[] {0, 2}, new long[] {2, 1}))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "slice: start 2, limit 1, stride 1 do not fit axis 1 of i32[2, 3];"
                + " expected 0 <= start <= limit <= 3 and stride >= 1");
    assertThatThrownBy(() -> MATRIX.slice(new long[] {0}, new long[] {2}))
        .isInstanceOf(ShapeException.class)
        .hasMessage("slice: expected 2 numbers, one an axis of i32[2, 3], got [0]");
  }

  @BackendTest
  void elementsRollAndBordersHaveValues() {
    assertThat(MATRIX.roll(1, 1).toNested()).isEqualTo(new int[][] {{3, 1, 2}, {6, 4, 5}});
    assertThat(MATRIX.roll(-4, 1).toNested()).isEqualTo(new int[][] {{2, 3, 1}, {5, 6, 4}});
    assertThat(MATRIX.roll(2, 0).toNested()).isEqualTo(MATRIX.toNested());
    assertThat(Tensor.zeros(0, 2).roll(1, 0).shape()).isEqualTo(Shape.of(0, 2));
    assertThat(Tensor.of(1L, 2).pad(new long[] {1}, new long[] {0}, 7).toLongArray())
        .containsExactly(7, 1, 2);
    assertThat(Tensor.of(1.0, Double.NaN).pad(new long[] {1}, new long[] {1}, 1.5).toDoubleArray())
        .containsExactly(1.5, 1, Double.NaN, 1.5);
  }

  @BackendTest
  void severalAxesAtOnce() {
    Tensor x = Tensor.zeros(2, 3, 4);
    assertThat(x.moveAxis(new int[] {0, 1}, new int[] {-1, 0}).shape())
        .isEqualTo(Shape.of(3, 4, 2));
    assertThat(x.moveAxis(new int[] {2, 0}, new int[] {0, 1}).shape()).isEqualTo(Shape.of(4, 2, 3));
    assertThat(x.expandDims(0, -1).shape()).isEqualTo(Shape.of(1, 2, 3, 4, 1));
    assertThat(x.expandDims().shape()).isEqualTo(x.shape());
    assertThat(MATRIX.roll(new long[] {1, -1}, new int[] {0, 1}).toNested())
        .isEqualTo(new int[][] {{5, 6, 4}, {2, 3, 1}});
    assertThatThrownBy(() -> x.moveAxis(new int[] {0, 0}, new int[] {0, 1}))
        .isInstanceOf(AxisException.class)
        .hasMessage(
            "moveAxis: expected as many different axes to move as places, got [0, 0] and [0, 1]"
                + " for f32[2, 3, 4]");
    assertThatThrownBy(() -> x.moveAxis(new int[] {0}, new int[] {0, 1}))
        .isInstanceOf(AxisException.class);
    assertThatThrownBy(() -> x.expandDims(1, -4))
        .isInstanceOf(AxisException.class)
        .hasMessage("expandDims: axis -4 is given twice, for f32[2, 3, 4]");
    assertThatThrownBy(() -> x.roll(new long[] {1}, new int[] {0, 1}))
        .isInstanceOf(AxisException.class)
        .hasMessage("roll: expected one shift an axis, got [1] and [0, 1] for f32[2, 3, 4]");
  }

  @BackendTest
  void tensorsJoin() {
    Tensor x = Tensor.of(1, 2);
    assertThat(Tensor.concatenate(0, x, Tensor.of(3)).toIntArray()).containsExactly(1, 2, 3);
    assertThat(Tensor.concatenate(0, x, Tensor.of(0.5)).toDoubleArray()).containsExactly(1, 2, 0.5);
    assertThat(Tensor.concatenate(-1, MATRIX, MATRIX).shape()).isEqualTo(Shape.of(2, 6));
    assertThat(Tensor.stack(0, x, x).toNested()).isEqualTo(new int[][] {{1, 2}, {1, 2}});
    assertThat(Tensor.stack(-1, x, x).toNested()).isEqualTo(new int[][] {{1, 1}, {2, 2}});
    assertThat(Tensor.stack(0, Tensor.scalar(1), Tensor.scalar(2)).toIntArray())
        .containsExactly(1, 2);
    assertThat(x.pad(new long[] {1}, new long[] {2}).toIntArray()).containsExactly(0, 1, 2, 0, 0);
    assertThat(Tensor.iota(DType.I32, 1, 2, 3).toNested())
        .isEqualTo(new int[][] {{0, 1, 2}, {0, 1, 2}});
    assertThatThrownBy(() -> Tensor.concatenate(0, MATRIX, x))
        .isInstanceOf(ShapeException.class)
        .hasMessage("concatenate: shapes must be equal but for axis 0, got i32[2, 3] and i32[2]");
    assertThatThrownBy(() -> Tensor.stack(0, MATRIX, x)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Tensor.concatenate(0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> x.pad(new long[] {-1}, new long[] {0}))
        .isInstanceOf(ShapeException.class);
  }
}
