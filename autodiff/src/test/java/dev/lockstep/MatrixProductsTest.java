package dev.lockstep;

import static dev.lockstep.Derivatives.checkGrads;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.MatrixException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Program;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.LinAlg;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Triangle;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The compositions of {@link LinAlg}, with values that JAX gives. */
class MatrixProductsTest extends EveryBackend {
  private final Tensor a = Tensor.of(new double[][] {{4, 1, 2}, {0.5, 5, 1}, {1, 2, 6}});
  private final Tensor b = Tensor.of(new double[][] {{1, 2}, {3, 4}, {5, 7}});
  private final Tensor v = Tensor.of(1.0, -2.0, 3.0);
  private final Tensor w = Tensor.of(2.0, 0.5);
  private final Tensor wide = b.transpose();
  private final Tensor t =
      Tensor.arange(36.0).add(Tensor.eye(DType.F64, 6, 6).mul(10).flatten()).reshape(2, 3, 6);

  @Test
  void productsOfSeveral() {
    assertClose(LinAlg.multiDot(v, a, b, w), Tensor.scalar(237.0));
    assertClose(LinAlg.multiDot(a, b, w), Tensor.of(47.0, 55.0, 100.0));
    assertClose(LinAlg.multiDot(a, b), a.matmul(b));
    Tensor gradient = grad((Tensor x) -> LinAlg.multiDot(x, b, w).sum()).apply(a);
    assertClose(gradient, Tensor.of(3, 8, 13.5).broadcastTo(3, 3));
    Fn<Tensor, Tensor> mapped = vmap((Tensor x) -> LinAlg.multiDot(x, a, b));
    assertClose(mapped.apply(random(1, 4, 3)).get(2), random(1, 4, 3).get(2).matmul(a).matmul(b));
  }

  @Test
  void theOrderIsTheCheapest() {
    Fn<Tensor, Tensor> f = x -> LinAlg.multiDot(Tensor.ones(50, 2), x, Tensor.ones(40, 3));
    String program = Program.of(f, Tensor.ones(2, 40).type()).toString();
    assertThat(program).contains("f32[2, 3] = dot_general").doesNotContain("f32[50, 40]");
  }

  @Test
  void productsOfVectors() {
    assertClose(LinAlg.vecdot(a, v), Tensor.of(8, -6.5, 15));
    Tensor cross = Tensor.of(new double[][] {{7, -10, -9}, {17, -0.5, -6}, {18, 3, -4}});
    assertClose(LinAlg.cross(a, v), cross);
    assertClose(vmap((Tensor x) -> LinAlg.cross(x, v)).apply(a), cross);
    checkGrads(LinAlg::cross, a, v);
    checkGrads(LinAlg::vecdot, a, v);
    assertClose(a.matrixTranspose(), a.transpose());
    assertThat(t.matrixTranspose().shape().extents()).containsExactly(2, 6, 3);
  }

  @Test
  void systemsOfTensors() {
    Tensor x = LinAlg.tensorSolve(t, wide);
    assertClose(x, Tensor.of(0.15, 0.2, 0.25, -0.2, -0.15, 0), 1e-13);
    Tensor inverse = LinAlg.tensorInv(t, 2);
    assertThat(inverse.shape().extents()).containsExactly(6, 2, 3);
    assertClose(inverse.tensordot(wide, 2), x, 1e-13);
    Tensor gradient = grad((Tensor y) -> LinAlg.tensorSolve(t, y).get(0)).apply(wide);
    assertClose(gradient, inverse.get(0), 1e-13);
    assertClose(gradient.get(1).get(2), Tensor.scalar(-0.03269230769230775), 1e-14);
    checkGrads(LinAlg::tensorSolve, t, wide);
  }

  @Test
  void solvedByFactors() {
    assertClose(
        LinAlg.luSolve(LinAlg.lu(a), v),
        Tensor.of(0.04901960784313728, -0.5392156862745098, 0.6715686274509803));
    assertClose(LinAlg.luSolve(LinAlg.lu(a), b), LinAlg.solve(a, b));
    Tensor single = LinAlg.luSolve(LinAlg.lu(a.cast(DType.F32)), v);
    assertThat(single.dtype()).isEqualTo(DType.F64);
    Fn2<Tensor, Tensor, Tensor> f = (x, y) -> LinAlg.luSolve(LinAlg.lu(x), y);
    checkGrads(f, a, v);
    Tensor many = Tensor.stack(0, a, a.mul(2));
    assertClose(
        vmap(f).apply(many, random(2, 2, 3)).get(1),
        LinAlg.solve(a.mul(2), random(2, 2, 3).get(1)));
  }

  @Test
  void rankWithATolerance() {
    Tensor x = Tensor.of(1, 1e-3, 1e-6).diag();
    assertThat(LinAlg.matrixRank(x, 1e-4).itemLong()).isEqualTo(2);
    assertThat(LinAlg.matrixRank(x).itemLong()).isEqualTo(3);
  }

  @Test
  void fullSingularVectors() {
    for (Tensor x : List.of(b, wide, a, random(3, 2, 4, 2), random(4, 2, 2, 5))) {
      LinAlg.Svd full = LinAlg.svdFull(x);
      LinAlg.Svd thin = LinAlg.svd(x);
      long m = x.shape().extent(x.rank() - 2);
      long n = x.shape().extent(x.rank() - 1);
      long k = Math.min(m, n);
      Tensor u = full.u();
      Tensor vt = full.vt();
      assertClose(full.s(), thin.s());
      assertClose(
          u.matrixTranspose().matmul(u).sub(Tensor.eye(DType.F64, m, m)).abs().max(),
          Tensor.scalar(0.0),
          1e-14);
      assertClose(
          vt.matmul(vt.matrixTranspose()).sub(Tensor.eye(DType.F64, n, n)).abs().max(),
          Tensor.scalar(0.0),
          1e-14);
      Tensor rows = Tensor.eye(DType.F64, m, k);
      Tensor middle = rows.mul(full.s().expandDims(-2)).matmul(Tensor.eye(DType.F64, k, n));
      assertClose(u.matmul(middle).matmul(vt), x, 1e-13);
      assertClose(jit((Tensor y) -> LinAlg.svdFull(y).u().abs()).apply(x), u.abs(), 1e-13);
    }
    double last = LinAlg.svdFull(b).u().get(2).get(2).abs().item();
    assertClose(Tensor.scalar(last), Tensor.scalar(0.5345224838248488), 1e-13);
  }

  @Test
  void checkedVariants() {
    Tensor bad = Tensor.stack(0, a, Tensor.full(DType.F64, Double.NaN, 3, 3));
    assertClose(LinAlg.eighChecked(a).values(), LinAlg.eigh(a).values());
    assertClose(LinAlg.svdChecked(b).vt(), LinAlg.svd(b).vt());
    Triangle upper = Triangle.UPPER;
    assertClose(LinAlg.triangularSolveChecked(a, v, upper), LinAlg.triangularSolve(a, v, upper));
    assertThatThrownBy(() -> LinAlg.eighChecked(bad))
        .isInstanceOf(MatrixException.class)
        .hasMessageContaining("eighChecked: matrix [1] is not finite");
    assertThatThrownBy(() -> LinAlg.svdChecked(bad))
        .isInstanceOf(MatrixException.class)
        .hasMessageContaining("svdChecked: matrix [1] is not finite");
    assertThatThrownBy(() -> LinAlg.triangularSolveChecked(Tensor.zeros(3, 3), v, upper))
        .isInstanceOf(MatrixException.class)
        .hasMessageContaining("triangularSolveChecked: matrix [] is singular or not finite");
  }

  @Test
  void errors() {
    assertThatThrownBy(() -> LinAlg.multiDot(a))
        .isInstanceOf(ShapeException.class)
        .hasMessage("multiDot: expected at least two factors, got 1");
    assertThatThrownBy(() -> LinAlg.multiDot(a, v, b))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "multiDot: expected matrices, of which the first and the last may be vectors, got"
                + " f64[3]");
    assertThatThrownBy(() -> LinAlg.multiDot(a, wide))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "multiDot: expected as many columns as the next factor has rows, got f64[3, 3] and"
                + " f64[2, 3]");
    assertThatThrownBy(() -> LinAlg.vecdot(a, w))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "vecdot: expected vectors of one length on the last axes, got f64[3, 3] and f64[2]");
    assertThatThrownBy(() -> LinAlg.cross(b, v))
        .isInstanceOf(ShapeException.class)
        .hasMessage("cross: expected vectors [..., 3], got f64[3, 2] and f64[3]");
    assertThatThrownBy(() -> LinAlg.multiDot(a, w))
        .hasMessage(
            "multiDot: expected as many columns as the next factor has rows, got f64[3, 3] and"
                + " f64[2]");
    Tensor bools = v.greater(0);
    assertThatThrownBy(() -> LinAlg.cross(bools, bools))
        .hasMessageStartingWith("cross: not defined for bool, got bool[3] and bool[3]");
    assertThatThrownBy(() -> LinAlg.tensorSolve(t, b))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "tensorSolve: expected a of b's shape followed by axes of as many elements, got"
                + " f64[2, 3, 6] and f64[3, 2]");
    assertThatThrownBy(() -> LinAlg.tensorInv(t, 1))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "tensorInv: expected as many elements along the first 1 axes as along the others, got"
                + " f64[2, 3, 6]");
    assertThatThrownBy(() -> v.matrixTranspose())
        .isInstanceOf(ShapeException.class)
        .hasMessage("matrixTranspose: expected at least two axes, got f64[3]");
    assertThatThrownBy(() -> LinAlg.luSolve(LinAlg.lu(b), v)).isInstanceOf(ShapeException.class);
  }
}
