package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.primitive.BackendTest;

/** Checks diagonals and triangles. */
class MatrixOpsTest {
  private static final Tensor MATRIX = Tensor.of(new int[][] {{1, 2, 3}, {4, 5, 6}});

  @BackendTest
  void diagonalsComeAndGo() {
    assertThat(MATRIX.diag().toIntArray()).containsExactly(1, 5);
    assertThat(MATRIX.transpose().diag().toIntArray()).containsExactly(1, 5);
    assertThat(Tensor.of(7, 8).diag().toNested()).isEqualTo(new int[][] {{7, 0}, {0, 8}});
    assertThat(Tensor.of(7).diag().toNested()).isEqualTo(new int[][] {{7}});
    assertThat(Tensor.zeros(0).diag().shape()).isEqualTo(Shape.of(0, 0));
    assertThat(Tensor.zeros(0, 3).diag().shape()).isEqualTo(Shape.of(0));
    assertThatThrownBy(() -> Tensor.zeros(2, 2, 2).diag())
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("diag: expected a vector or a matrix, got f32[2, 2, 2].");
  }

  @BackendTest
  void tracesSumTheDiagonalsOfTheLastTwoAxes() {
    Tensor x = Tensor.arange(12.0).reshape(2, 2, 3);
    assertThat(x.diagonal().toNested()).isEqualTo(new double[][] {{0, 4}, {6, 10}});
    assertThat(x.trace().toDoubleArray()).containsExactly(4, 16);
    assertThat(Tensor.of(new int[][] {{1, 2}, {3, 4}}).trace().itemLong()).isEqualTo(5);
    assertThatThrownBy(() -> Tensor.of(1, 2).trace())
        .isInstanceOf(ShapeException.class)
        .hasMessage("trace: expected at least two axes, got i32[2]");
  }

  @BackendTest
  void diagonalsBesideTheMainOne() {
    assertThat(MATRIX.diag(1).toIntArray()).containsExactly(2, 6);
    assertThat(MATRIX.diag(-1).toIntArray()).containsExactly(4);
    assertThat(MATRIX.diag(9).size()).isZero();
    assertThat(Tensor.of(7, 8).diag(-1).toNested())
        .isEqualTo(new int[][] {{0, 0, 0}, {7, 0, 0}, {0, 8, 0}});
    assertThat(Tensor.of(7).diag(2).toNested())
        .isEqualTo(new int[][] {{0, 0, 7}, {0, 0, 0}, {0, 0, 0}});
    Tensor x = Tensor.arange(12.0).reshape(2, 2, 3);
    assertThat(x.diagonal(0, 0, 1).toNested()).isEqualTo(new double[][] {{0, 9}, {1, 10}, {2, 11}});
    assertThat(x.diagonal(1, -3, 2).toNested()).isEqualTo(new double[][] {{1, 8}, {4, 11}});
    assertThat(x.diagonal(-1, 2, 0).toNested()).isEqualTo(new double[][] {{1, 8}, {4, 11}});
    assertThat(x.trace(1, 0, 2).toDoubleArray()).containsExactly(9, 15);
    assertThat(x.trace(5, 0, 1).toDoubleArray()).containsExactly(0, 0, 0);
    assertThat(Tensor.eye(DType.I32, 2, 3, 1).toNested())
        .isEqualTo(new int[][] {{0, 1, 0}, {0, 0, 1}});
    assertThat(Tensor.eye(DType.I32, 2, 2, -1).toNested()).isEqualTo(new int[][] {{0, 0}, {1, 0}});
    assertThatThrownBy(() -> x.diagonal(0, 2, -1))
        .isInstanceOf(AxisException.class)
        .hasMessage("diagonal: expected two axes, got axis 2 of f64[2, 2, 3] twice");
    assertThatThrownBy(() -> x.trace(0, 0, 3)).isInstanceOf(AxisException.class);
  }

  @BackendTest
  void trianglesKeepOneSideOfADiagonal() {
    assertThat(MATRIX.tril(0).toNested()).isEqualTo(new int[][] {{1, 0, 0}, {4, 5, 0}});
    assertThat(MATRIX.tril(1).toNested()).isEqualTo(new int[][] {{1, 2, 0}, {4, 5, 6}});
    assertThat(MATRIX.triu(0).toNested()).isEqualTo(new int[][] {{1, 2, 3}, {0, 5, 6}});
    assertThat(MATRIX.triu(-1).toNested()).isEqualTo(new int[][] {{1, 2, 3}, {4, 5, 6}});
    assertThat(Tensor.ones(2, 3, 3).tril(-1).sum().item()).isEqualTo(6);
    assertThat(Tensor.of(new double[][] {{1, Double.NaN}, {2, 3}}).tril(0).sum().item())
        .isEqualTo(6);
    assertThatThrownBy(() -> Tensor.zeros(3).triu(0))
        .isInstanceOf(ShapeException.class)
        .hasMessage("triu: expected at least two axes, got f32[3]");
  }
}
