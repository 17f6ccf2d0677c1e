package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.primitive.BackendTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Checks NumPy's rules for products, against loops over indices. */
class ContractionOpsTest {
  @BackendTest
  void dotOfTheVmapNotebook() {
    assertThat(Tensor.arange(150).dot(Tensor.arange(100, 250)).itemLong()).isEqualTo(2231275);
    assertThat(Tensor.arange(150).dot(Tensor.arange(100, 250)).dtype()).isEqualTo(DType.I32);
  }

  @BackendTest
  void innerVdotAndKronFollowNumPy() {
    Tensor x = Tensor.of(new double[][] {{1, 2}, {3, 4}});
    Tensor y = Tensor.of(new double[][] {{0, 5}, {6, 7}});
    assertThat(x.inner(y).toNested()).isEqualTo(new double[][] {{10, 20}, {20, 46}});
    assertThat(x.inner(Tensor.scalar(2.0)).toNested()).isEqualTo(new double[][] {{2, 4}, {6, 8}});
    assertThat(x.vdot(y).item()).isEqualTo(56);
    assertThat(x.kron(y).toNested())
        .isEqualTo(
            new double[][] {{0, 5, 0, 10}, {6, 7, 12, 14}, {0, 15, 0, 20}, {18, 21, 24, 28}});
    assertThat(Tensor.of(1, 10).kron(Tensor.of(1, 2, 3)).toIntArray())
        .containsExactly(1, 2, 3, 10, 20, 30);
    assertThat(x.kron(Tensor.of(1.0, 2)).shape()).isEqualTo(Shape.of(2, 4));
    assertThatThrownBy(() -> x.vdot(Tensor.of(1.0)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("vdot: expected as many elements in both, got f64[2, 2] and f64[1]");
    assertThatThrownBy(() -> x.inner(Tensor.of(1.0)))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("inner: ");
  }

  @BackendTest
  void matmulFollowsNumPyForAllRanks() {
    List<long[]> shapes =
        List.of(
            new long[] {4},
            new long[] {3, 4},
            new long[] {2, 3, 4},
            new long[] {1, 3, 4},
            new long[] {5, 1, 3, 4},
            new long[] {5, 2, 3, 4});
    List<long[]> others =
        List.of(
            new long[] {4},
            new long[] {4, 6},
            new long[] {2, 4, 6},
            new long[] {1, 4, 6},
            new long[] {5, 1, 4, 6},
            new long[] {1, 2, 4, 6},
            new long[] {5, 2, 4, 6});
    for (long[] left : shapes) {
      for (long[] right : others) {
        checkMatmul(counted(left), counted(right));
      }
    }
  }

  @BackendTest
  void dotContractsTheLastAxisWithTheLastButOne() {
    Tensor x = counted(2, 3, 4);
    Tensor y = counted(5, 4, 6);
    Tensor z = x.dot(y);
    assertThat(z.shape()).isEqualTo(Shape.of(2, 3, 5, 6));
    Tensor row = x.get(1).get(2);
    Tensor column = y.get(3).transpose().get(4);
    assertThat(z.get(1).get(2).get(3).get(4).item()).isEqualTo(row.mul(column).sum().item());
    assertThat(x.dot(counted(4)).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(x.dot(Tensor.scalar(2.0)).shape()).isEqualTo(Shape.of(2, 3, 4));
  }

  @BackendTest
  void tensordotAndOuterAndDotGeneral() {
    Tensor x = counted(2, 3, 4);
    Tensor y = counted(3, 4, 5);
    Tensor flat = x.reshape(2, 12).matmul(y.reshape(12, 5));
    assertThat(x.tensordot(y, 2).toNested()).isEqualTo(flat.toNested());
    assertThat(x.tensordot(y, new int[] {2, 1}, new int[] {1, 0}).toNested())
        .isEqualTo(flat.toNested());
    assertThat(Tensor.of(1, 2).outer(Tensor.of(3, 4)).toNested())
        .isEqualTo(new int[][] {{3, 4}, {6, 8}});
    int[] none = {};
    assertThat(x.dotGeneral(y, new int[] {-1}, new int[] {1}, new int[] {1}, new int[] {0}).shape())
        .isEqualTo(Shape.of(3, 2, 5));
    assertThat(x.tensordot(y, 0).shape()).isEqualTo(Shape.of(2, 3, 4, 3, 4, 5));
    assertThatThrownBy(() -> x.dotGeneral(y, new int[] {0}, new int[] {0}, none, none))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "dotGeneral: contracted axes 0 of f64[2, 3, 4] and 0 of f64[3, 4, 5] differ"
                + " (2 against 3)");
    assertThatThrownBy(
            () -> x.dotGeneral(y, new int[] {1}, new int[] {0}, new int[] {1}, new int[] {0}))
        .isInstanceOf(AxisException.class);
    assertThatThrownBy(() -> x.tensordot(y, 4)).isInstanceOf(AxisException.class);
  }

  @BackendTest
  void dtypesPromoteAndNothingMakesZeros() {
    assertThat(Tensor.of(1, 2).dot(Tensor.of(0.5f, 1f)).type()).hasToString("f64[]");
    assertThat(Tensor.zeros(DType.F64, 2, 0).matmul(Tensor.zeros(DType.F64, 0, 3)).toNested())
        .isEqualTo(new double[2][3]);
    assertThat(Tensor.of(true, false).dot(Tensor.of(true, true)).itemBoolean()).isTrue();
  }

  @BackendTest
  void errorsNameBothShapesAndTheWayOut() {
    Tensor weights = Tensor.ones(DType.F32, 64, 100);
    Tensor batch = Tensor.ones(DType.F32, 16, 100);
    assertThatThrownBy(() -> weights.matmul(batch))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "matmul: inner dimensions differ: f32[64, 100] and f32[16, 100] (100 against 16)."
                + " To multiply each row of the second, map over it:"
                + " vmap(Tensor::matmul, in(NONE, 0)).");
    assertThatThrownBy(() -> weights.dot(Tensor.ones(DType.F32, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("dot: the contracted axes differ: f32[64, 100] and f32[3] (100 against 3).");
    assertThatThrownBy(() -> weights.matmul(Tensor.scalar(1f)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "matmul: operands must not be scalars, got f32[64, 100] and f32[]."
                + " Multiply with mul");
    assertThatThrownBy(() -> counted(2, 3, 4).matmul(counted(3, 4, 5)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "matmul: batch axes do not broadcast: f64[2, 3, 4] and f64[3, 4, 5]"
                + " (axis -3: 2 against 3)");
  }

  /** Compares with a loop over the elements of the broadcast operands. */
  private static void checkMatmul(Tensor x, Tensor y) {
    Tensor left = x.rank() == 1 ? x.expandDims(0) : x;
    Tensor right = y.rank() == 1 ? y.expandDims(1) : y;
    long[] batch = new long[Math.max(left.rank(), right.rank()) - 2];
    for (int i = 0; i < batch.length; i++) {
      batch[i] =
          Math.max(batchExtent(left, batch.length - i), batchExtent(right, batch.length - i));
    }
    long m = left.shape().extent(left.rank() - 2);
    long k = left.shape().extent(left.rank() - 1);
    long n = right.shape().extent(right.rank() - 1);
    double[] a = left.broadcastTo(with(batch, m, k)).toDoubleArray();
    double[] b = right.broadcastTo(with(batch, k, n)).toDoubleArray();
    int products = (int) (a.length / (m * k));
    double[] c = new double[(int) (products * m * n)];
    for (int p = 0; p < products; p++) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          for (int l = 0; l < k; l++) {
            c[(int) (p * m * n + i * n + j)] +=
                a[(int) (p * m * k + i * k + l)] * b[(int) (p * k * n + l * n + j)];
          }
        }
      }
    }
    List<Long> extents = new ArrayList<>();
    for (long extent : batch) {
      extents.add(extent);
    }
    if (x.rank() > 1) {
      extents.add(m);
    }
    if (y.rank() > 1) {
      extents.add(n);
    }
    Tensor got = x.matmul(y);
    String context = x.type() + " by " + y.type();
    assertThat(got.shape())
        .as(context)
        .isEqualTo(Shape.of(extents.stream().mapToLong(extent -> extent).toArray()));
    assertThat(got.toDoubleArray()).as(context).containsExactly(c);
  }

  private static long batchExtent(Tensor x, int fromEnd) {
    int axis = x.rank() - 2 - fromEnd;
    return axis < 0 ? 1 : x.shape().extent(axis);
  }

  private static long[] with(long[] batch, long rows, long columns) {
    long[] extents = Arrays.copyOf(batch, batch.length + 2);
    extents[batch.length] = rows;
    extents[batch.length + 1] = columns;
    return extents;
  }

  private static Tensor counted(long... extents) {
    long size = Shape.of(extents).size();
    return Tensor.arange(size).cast(DType.F64).reshape(extents);
  }
}
