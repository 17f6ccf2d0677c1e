package dev.lockstep;

import static dev.lockstep.Derivatives.checkGrads;
import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.MatrixException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Program;
import dev.lockstep.runtime.Backends;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.LinAlg;
import dev.lockstep.tensor.MatrixNorm;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Triangle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class LinAlgTest extends EveryBackend {
  private static final double NAN = Double.NaN;

  /** Functions of one matrix that do not depend on the signs of vectors. */
  private static Map<String, Fn<Tensor, Tensor>> functions() {
    Map<String, Fn<Tensor, Tensor>> functions = new LinkedHashMap<>();
    functions.put("inv", LinAlg::inv);
    functions.put("det", LinAlg::det);
    functions.put("slogDet", a -> LinAlg.slogDet(a).logAbs());
    functions.put("cholesky", LinAlg::cholesky);
    functions.put("choSolve", a -> LinAlg.choSolve(LinAlg.cholesky(a), a));
    functions.put("lu", a -> LinAlg.lu(a).l().add(LinAlg.lu(a).u()));
    functions.put("qr", a -> LinAlg.qr(a).q().add(LinAlg.qr(a).r()));
    functions.put("qrFull", a -> LinAlg.qrFull(a).q().add(LinAlg.qrFull(a).r()));
    functions.put("eigh", a -> LinAlg.eigh(a).vectors().square());
    functions.put("eighValues", LinAlg::eighValues);
    functions.put("svd", a -> LinAlg.svd(a).u().square().add(LinAlg.svd(a).vt().square()));
    functions.put("svdValues", LinAlg::svdValues);
    functions.put("eig", a -> LinAlg.eig(a).vectors().real().square());
    functions.put("eigValues", a -> LinAlg.eigValues(a).real());
    functions.put("pinv", LinAlg::pinv);
    functions.put("matrixPower", a -> LinAlg.matrixPower(a, -3));
    functions.put("cond", LinAlg::cond);
    functions.put("expm", a -> LinAlg.expm(a.mul(0.1)));
    for (MatrixNorm norm : MatrixNorm.values()) {
      functions.put("matrixNorm " + norm, a -> LinAlg.matrixNorm(a, norm));
    }
    functions.put("vectorNorm", a -> LinAlg.vectorNorm(a, 3, -1));
    functions.put("lstsq", a -> LinAlg.lstsq(a, a.mul(a)).x());
    return functions;
  }

  /** Matrices near the diagonal 4, 7, 10, far from all that is singular. */
  private static Tensor near(int seed, long... batch) {
    long[] extents = new long[batch.length + 2];
    System.arraycopy(batch, 0, extents, 0, batch.length);
    extents[batch.length] = 3;
    extents[batch.length + 1] = 3;
    Tensor centre = Tensor.of(new double[] {4, 0, 0, 0, 7, 0, 0, 0, 10}).reshape(3, 3);
    return random(seed, extents).mul(0.4).add(centre);
  }

  @Test
  void derivativesAreThoseOfDifferences() {
    functions().forEach((name, f) -> checkGrads(f, near(1)));
    functions().forEach((name, f) -> checkGrads(f, near(2, 2)));
    checkGrads(LinAlg::solve, near(3), random(4, 3));
    checkGrads(LinAlg::solve, near(3, 2), random(4, 3, 2));
    checkGrads((Tensor a, Tensor b) -> LinAlg.triangularSolve(a, b, true), near(5), random(6, 3));
    checkGrads((Tensor a) -> grad((Tensor x) -> LinAlg.inv(x).sum()).apply(a), near(7));
    checkGrads((Tensor a) -> grad((Tensor x) -> LinAlg.det(x)).apply(a), near(8));
  }

  @Test
  void batchesGiveWhatALoopGives() {
    Tensor batch = near(11, 4);
    functions()
        .forEach((name, f) -> {
          Tensor mapped = vmap(f).apply(batch);
          Tensor whole = name.startsWith("vectorNorm") ? mapped : f.apply(batch);
          for (int i = 0; i < 4; i++) {
            assertClose(mapped.get(i), f.apply(batch.get(i)), 1e-11);
            assertClose(whole.get(i), f.apply(batch.get(i)), 1e-11);
          }
        });
    Tensor b = random(12, 4, 3, 2);
    for (Fn2<Tensor, Tensor, Tensor> solver :
        List.<Fn2<Tensor, Tensor, Tensor>>of(
            LinAlg::solve,
            (x, y) -> LinAlg.triangularSolve(x, y, Triangle.UPPER.transpose().withUnitDiagonal()),
            (x, y) -> LinAlg.triangularSolve(x, y.swapAxes(-1, -2), Triangle.LOWER.onTheRight()))) {
      for (int i = 0; i < 4; i++) {
        Tensor both = vmap(solver).apply(batch, b).get(i);
        assertClose(both, solver.apply(batch.get(i), b.get(i)), 1e-12);
        Tensor left = vmap(solver, in(0, NONE)).apply(batch, b.get(0)).get(i);
        assertClose(left, solver.apply(batch.get(i), b.get(0)), 1e-12);
        Tensor right = vmap(solver, in(NONE, 0)).apply(batch.get(0), b).get(i);
        assertClose(right, solver.apply(batch.get(0), b.get(i)), 1e-12);
        Tensor last = vmap(solver, in(-1, NONE)).apply(batch.moveAxis(0, 2), b.get(0)).get(i);
        assertClose(last, solver.apply(batch.get(i), b.get(0)), 1e-12);
      }
    }
  }

  @Test
  void solutionsBroadcast() {
    Tensor a = near(21, 2, 1);
    Tensor b = random(22, 5, 3, 2);
    Tensor x = LinAlg.solve(a, b);
    assertThat(x.type().toString()).isEqualTo("f64[2, 5, 3, 2]");
    assertClose(a.matmul(x), b.broadcastTo(2, 5, 3, 2), 1e-12);
    Tensor vector = random(23, 3);
    assertThat(LinAlg.solve(a, vector).type().toString()).isEqualTo("f64[2, 1, 3]");
    assertThat(LinAlg.solve(a.cast(DType.F32), vector).dtype()).isEqualTo(DType.F64);
  }

  @Test
  void aFactorOfOneMatrixServesAllRightHandSidesAndTheGradient() {
    Fn2<Tensor, Tensor, Tensor> loss = (a, b) -> LinAlg.solve(a, b).sin().sum();
    Fn2<Tensor, Tensor, Tensor> gradient = grad(loss);
    Fn2<Tensor, Tensor, Tensor> batched = vmap(gradient, in(NONE, 0));
    String program = Program.of(batched, near(1).type(), random(2, 5, 3).type()).toString();
    assertThat(program.split(" lu\\b", -1).length - 1).isEqualTo(1);
  }

  @Test
  void smallResults() {
    Tensor a = Tensor.of(new double[] {2, 1, 1, 3}).reshape(2, 2);
    assertThat(LinAlg.det(a).item()).isEqualTo(5);
    assertThat(LinAlg.matrixRank(Tensor.ones(3, 4)).toLongArray()).containsExactly(1);
    assertThat(LinAlg.slogDet(a.neg()).sign().item()).isEqualTo(1);
    assertThat(LinAlg.vectorNorm(Tensor.of(3.0, 0.0, -4.0), 0).item()).isEqualTo(2);
    assertThat(LinAlg.matrixNorm(a, MatrixNorm.ONE).item()).isEqualTo(4);
    LinAlg.Lu lu = LinAlg.lu(a);
    assertClose(lu.p().matmul(lu.l()).matmul(lu.u()), a, 1e-15);
    Tensor turn = Tensor.of(new double[] {0, -1, 1, 0}).reshape(2, 2);
    assertClose(LinAlg.eigValues(turn).imaginary().square(), Tensor.of(1.0, 1.0), 1e-14);
    LinAlg.LeastSquares fit =
        LinAlg.lstsq(
            Tensor.of(new double[] {1, 0, 1, 1, 1, 2}).reshape(3, 2), Tensor.of(1.0, 3.0, 5.0));
    assertClose(fit.x(), Tensor.of(1.0, 2.0), 1e-13);
    assertThat(fit.rank().toLongArray()).containsExactly(2);
    assertClose(LinAlg.expm(Tensor.zeros(2, 2)), Tensor.eye(2), 0);
  }

  @Test
  void oneBadMatrixSpoilsItsOwnEntryOnly() {
    Tensor good = near(31);
    Tensor bad = Tensor.full(NAN, 3, 3);
    Tensor batch = Tensor.stack(0, good, bad, good);
    functions()
        .forEach((name, f) -> {
          if (name.equals("lstsq") || name.equals("vectorNorm")) {
            return;
          }
          Tensor result = f.apply(batch);
          assertThat(result.get(1).isNan().any().item()).as(name).isNotEqualTo(0);
          assertClose(result.get(0), f.apply(good), 1e-12);
          assertClose(result.get(2), f.apply(good), 1e-12);
        });
    Tensor singular = Tensor.stack(0, Tensor.ones(2, 2), Tensor.eye(2));
    double[] solved = LinAlg.solve(singular, Tensor.of(1.0, 2.0)).toDoubleArray();
    assertThat(solved[0]).isInfinite();
    assertThat(solved).endsWith(1, 2);
  }

  @Test
  void checkedVariantsNameTheEntry() {
    Tensor good = near(41);
    Tensor batch = Tensor.stack(0, good, Tensor.zeros(3, 3));
    assertClose(LinAlg.invChecked(good), LinAlg.inv(good), 0);
    assertThatThrownBy(() -> LinAlg.invChecked(batch))
        .isInstanceOf(MatrixException.class)
        .hasMessageContaining("invChecked: matrix [1] is singular or not finite");
    assertThatThrownBy(() -> LinAlg.solveChecked(batch, Tensor.of(1.0, 2.0, 3.0)))
        .isInstanceOf(MatrixException.class)
        .hasMessageContaining("solveChecked: matrix [1]");
    assertThatThrownBy(() -> LinAlg.choleskyChecked(Tensor.stack(0, batch, batch)))
        .isInstanceOf(MatrixException.class)
        .hasMessageContaining("choleskyChecked: matrix [0, 1] is not positive definite");
  }

  @Test
  void whatDoesNotFitIsSaid() {
    assertThatThrownBy(() -> LinAlg.cholesky(Tensor.ones(2, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("cholesky: expected square matrices [..., n, n], got f32[2, 3]");
    assertThatThrownBy(() -> LinAlg.inv(Tensor.ones(DType.I32, 2, 2)))
        .isInstanceOf(DTypeException.class)
        .hasMessageContaining("inv: expected f32 or f64, got i32[2, 2]. Cast it");
    assertThatThrownBy(() -> LinAlg.svd(Tensor.ones(2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("svd: expected at least two axes");
    assertThatThrownBy(() -> LinAlg.solve(Tensor.ones(5, 3, 3), Tensor.ones(5, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("For a batch of vectors: b.expandDims(-1)");
    assertThatThrownBy(() -> LinAlg.solve(Tensor.ones(5, 3, 3), Tensor.ones(4, 3, 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("batch axes do not broadcast");
    assertThatThrownBy(() -> LinAlg.cond(Tensor.ones(0, 0)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("not empty");
  }

  @Test
  void emptyMatricesAndBatches() {
    assertThat(LinAlg.det(Tensor.zeros(0, 0)).item()).isEqualTo(1);
    assertThat(LinAlg.det(Tensor.zeros(0, 4, 4)).type().toString()).isEqualTo("f32[0]");
    assertThat(LinAlg.inv(Tensor.zeros(0, 4, 4)).type().toString()).isEqualTo("f32[0, 4, 4]");
    assertThat(LinAlg.solve(Tensor.eye(3), Tensor.ones(3, 0)).type().toString())
        .isEqualTo("f32[3, 0]");
    assertThat(LinAlg.pinv(Tensor.ones(0, 2)).type().toString()).isEqualTo("f32[2, 0]");
    assertClose(LinAlg.qrFull(Tensor.zeros(2, 0)).q(), Tensor.eye(2), 0);
  }

  @Test
  void compiledAndNotGiveTheSame() {
    Tensor a = near(51, 9);
    functions().forEach((name, f) -> assertClose(jit(f).apply(a), f.apply(a), 1e-12));
  }

  @Test
  void nothingIsLeftAfterTheScope() {
    Tensor a = near(61, 70);
    Fn2<Tensor, Tensor, Tensor> loss = (x, y) -> LinAlg.solve(x, y).sum();
    LiveMemory.assertNothingIsLeft(
        20,
        () -> {
          grad(loss).apply(a, random(62, 3));
          LinAlg.eigh(a);
          LinAlg.svd(a);
          LinAlg.choleskyChecked(a);
        });
  }

  @Test
  void threadsGetTheSameResults() throws Exception {
    Tensor a = near(71, 80);
    Fn<Tensor, Tensor> compiled = jit(x -> LinAlg.eigh(x).vectors().add(LinAlg.inv(x)));
    double[] expected = compiled.apply(a).toDoubleArray();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        done.add(
            threads.submit(() ->
                Backends.with(
                    backend.backend(),
                    () -> {
                      for (int i = 0; i < 10; i++) {
                        assertThat(compiled.apply(a).toDoubleArray()).isEqualTo(expected);
                      }
                      return null;
                    })));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
  }
}
