package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.SECOND;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.differences;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.compiler.Compiler;
import dev.lockstep.program.Program;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Jacobians whose identity bases the compiler keeps symbolic. */
class SymbolicBasisTest extends EveryBackend {
  private static final TensorType WEIGHTS = TensorType.of(DType.F64, 8, 5);
  private static final TensorType INPUTS = TensorType.of(DType.F64, 10, 8);

  private static Tensor layer(Tensor w, Tensor x) {
    return x.matmul(w);
  }

  private static Tensor part(Tensor x, long start, long limit) {
    return x.slice(new long[] {start}, new long[] {limit}, new long[] {1});
  }

  private static Tensor rosenbrock(Tensor x) {
    long n = x.size();
    Tensor head = part(x, 0, n - 1);
    Tensor curve = part(x, 1, n).sub(head.square()).square().mul(100);
    return curve.add(head.neg().add(1).square()).sum();
  }

  static Stream<Named<Fn2<Tensor, Tensor, Tensor>>> layerJacobians() {
    return Stream.of(
        Named.of("jacfwd", (w, x) -> jacfwd(SymbolicBasisTest::layer).apply(w, x)),
        Named.of("jacrev", (w, x) -> jacrev(SymbolicBasisTest::layer).apply(w, x)),
        Named.of(
            "vmap of jacfwd",
            (w, x) -> vmap(jacfwd(SymbolicBasisTest::layer), in(NONE, 0)).apply(w, x)),
        Named.of(
            "vmap of jacrev",
            (w, x) -> vmap(jacrev(SymbolicBasisTest::layer), in(NONE, 0)).apply(w, x)));
  }

  @ParameterizedTest
  @MethodSource("layerJacobians")
  void theJacobianOfALayerCostsNoProduct(Fn2<Tensor, Tensor, Tensor> jacobian) {
    Program program = Program.of(jacobian, WEIGHTS, INPUTS);
    assertThat(program.toString()).contains("dot_general", "embed");
    String optimised = Compiler.optimise(program).toString();
    assertThat(optimised).doesNotContain("dot_general", "mul ").containsOnlyOnce("embed");

    Tensor x = random(0, 10, 8);
    Tensor w = random(1, 8, 5);
    assertClose(jacobian.apply(w, x), differences(v -> layer(v, x), w), 1e-8);
  }

  @ParameterizedTest
  @MethodSource("layerJacobians")
  void summedOverTheOutputsItIsTheInputRepeated(Fn2<Tensor, Tensor, Tensor> jacobian) {
    Program program = Program.of((w, x) -> jacobian.apply(w, x).sum(1), WEIGHTS, INPUTS);
    assertThat(Compiler.optimise(program).toString())
        .doesNotContain("dot_general", "embed", "sum")
        .contains("broadcast_in_dim");
    Tensor x = random(0, 10, 8);
    Tensor summed = jacobian.apply(random(1, 8, 5), x).sum(1);
    assertClose(summed, x.expandDims(2).broadcastTo(10, 8, 5));
  }

  @Test
  void theHessianOfAChainIsThreeDiagonals() {
    String optimised =
        Compiler.optimise(
                Program.of(
                    hessian((Fn<Tensor, Tensor>) SymbolicBasisTest::rosenbrock),
                    TensorType.of(DType.F64, 50)))
            .toString();
    assertThat(optimised.split("50, 50", -1)).hasSize(3);
    assertThat(optimised).contains("places=[(d0+1, d0), (d0, d0+1), (d0, d0)]");
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void hessianOfRosenbrock(int n) {
    Tensor x = random(n, n);
    Fn<Tensor, Tensor> f = SymbolicBasisTest::rosenbrock;
    assertClose(hessian(f).apply(x), differences(grad(f), x), 1e-4);
    assertClose(jacrev(grad(f)).apply(x), hessian(f).apply(x), 1e-10);
  }

  static IntStream sizes() {
    return IntStream.of(2, 3, 4, 7);
  }

  static Stream<Named<Fn<Tensor, Tensor>>> functions() {
    Tensor w = random(20, 3, 2);
    return Stream.of(
        Named.of("elementwise", x -> x.sin().mul(x).div(x.square().add(1))),
        Named.of("product", x -> x.matmul(w)),
        Named.of("of both sides", x -> x.matmul(w).transpose().matmul(x)),
        Named.of("transposed and flattened", x -> x.transpose().reshape(x.size()).flip(0)),
        Named.of("sums", x -> x.sum(0).mul(x.sum(1).sum())),
        Named.of("a row each", x -> x.get(0).mul(x.get(1).exp())),
        Named.of("selected", x -> Tensor.where(x.greater(0), x.square(), x.neg())),
        Named.of("joined", x -> Tensor.concatenate(0, x, x.mul(2).flip(1), x.square())),
        Named.of("running sums", x -> x.cumSum(1).tanh()),
        Named.of("largest", x -> x.max(1)),
        Named.of("sorted", x -> x.sort(1)),
        Named.of("two layers", x -> x.matmul(w).tanh().matmul(w.transpose()).sin()),
        Named.of("normalised", x -> x.sub(x.mean(1).expandDims(1)).square().sum(1)));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void agreesWithDenseUnitVectorsAndDifferences(Fn<Tensor, Tensor> f) {
    Tensor x = random(3, 4, 3);
    Tensor expected = dense(f, x);
    assertClose(jacfwd(f).apply(x), expected);
    assertClose(jacrev(f).apply(x), expected);
    assertClose(jit(jacfwd(f)).apply(x), expected);
    assertClose(jit(jacrev(f)).apply(x), expected);
    assertClose(expected, differences(f, x), 1e-7);
  }

  /** Returns the Jacobian by tangents that are an array, which nothing is known of. */
  private static Tensor dense(Fn<Tensor, Tensor> f, Tensor x) {
    long size = x.size();
    Tensor basis = Tensor.eye(DType.F64, size, size).reshape(x.shape().insert(0, size).extents());
    Tensor columns = vmap((Tensor dx) -> jvp(f, x, dx).tangent()).apply(basis);
    Tensor last = columns.moveAxis(0, columns.rank() - 1);
    Shape shape = last.shape().remove(last.rank() - 1);
    for (long extent : x.shape().extents()) {
      shape = shape.insert(shape.rank(), extent);
    }
    return last.reshape(shape.extents());
  }

  @ParameterizedTest
  @MethodSource("functions")
  void batchesAreALoop(Fn<Tensor, Tensor> f) {
    Tensor batch = random(5, 3, 2, 3);
    for (Fn<Tensor, Tensor> jacobian : List.of(jacfwd(f), jacrev(f))) {
      Tensor[] each =
          IntStream.range(0, 3).mapToObj(i -> jacobian.apply(batch.get(i))).toArray(Tensor[]::new);
      assertClose(vmap(jacobian).apply(batch), Tensor.stack(0, each));
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void derivativesOfJacobians(Fn<Tensor, Tensor> f) {
    Tensor x = random(6, 2, 3);
    Tensor weights = random(7, (int) f.apply(x).size(), 6);
    for (Fn<Tensor, Tensor> jacobian : List.of(jacfwd(f), jacrev(f))) {
      Fn<Tensor, Tensor> sum =
          t -> jacobian.apply(t).reshape(weights.shape().extents()).mul(weights).sum();
      assertClose(grad(sum).apply(x), differences(sum, x), 1e-6);
      assertClose(jacfwd(sum).apply(x), grad(sum).apply(x), 1e-10);
    }
  }

  record Parameters(Tensor w, Tensor b, Tensor scale) {}

  @Test
  void treesAndSeveralArguments() {
    Parameters p = new Parameters(random(0, 3, 2), random(1, 2), Tensor.scalar(0.5));
    Tensor x = random(2, 4, 3);
    Fn2<Parameters, Tensor, Tensor> f = (q, t) -> t.matmul(q.w()).add(q.b()).mul(q.scale()).tanh();
    Parameters forward = jacfwd(f).apply(p, x);
    Parameters reverse = jacrev(f).apply(p, x);
    assertClose(forward.w(), reverse.w());
    assertClose(forward.b(), reverse.b());
    assertClose(forward.scale(), reverse.scale());
    Tensor w = differences(v -> f.apply(new Parameters(v, p.b(), p.scale()), x), p.w());
    assertClose(forward.w(), w, 1e-7);
    Tensor wrtX = differences(t -> f.apply(p, t), x);
    assertClose(jacfwd(f, SECOND).apply(p, x), wrtX, 1e-7);
    assertClose(jacrev(f, SECOND).apply(p, x), wrtX, 1e-7);
  }

  @Test
  void edgeShapes() {
    Fn<Tensor, Tensor> f = x -> x.mul(x).sum(0);
    assertThat(jacfwd(f).apply(random(0, 0)).shape()).isEqualTo(Shape.of(0));
    assertThat(jacfwd(f).apply(random(0, 3, 0)).shape()).isEqualTo(Shape.of(0, 3, 0));
    assertClose(jacrev(f).apply(random(0, 0, 2)), Tensor.zeros(DType.F64, 2, 0, 2));
    Tensor one = random(1, 1, 1);
    assertClose(jacfwd(f).apply(one), one.mul(2).reshape(1, 1, 1));
    assertClose(jacrev(f).apply(one), one.mul(2).reshape(1, 1, 1));
    assertClose(jacfwd(Tensor::square).apply(Tensor.scalar(3.0)), 6);
    assertClose(
        hessian((Tensor x) -> x.square().sum()).apply(random(1, 1)), vector(2).reshape(1, 1));
    Tensor padded = random(2, 2, 1);
    assertClose(
        jacfwd((Tensor x) -> x.broadcastTo(2, 3)).apply(padded),
        differences(x -> x.broadcastTo(2, 3), padded),
        1e-8);
    Fn2<Tensor, Tensor, Tensor> loss =
        (k, v) -> {
          Tensor y = Nn.attention(k.slice(new long[3], new long[] {2, 1, 1}), k, v);
          return y.mul(y.sin()).sum();
        };
    Fn2<Tensor, Tensor, Tensor> seconds =
        (k, v) -> hessian((Tensor x) -> vmap(loss, in(1, 2)).apply(x, v)).apply(k);
    Tensor none =
        vmap(seconds, in(1, -2)).apply(random(1, 2, 0, 3, 3, 1), random(2, 2, 3, 3, 0, 4));
    assertThat(none.shape()).isEqualTo(Shape.of(0, 3, 2, 3, 3, 1, 2, 3, 3, 1));
  }

  /** Off the diagonal there is nothing to multiply: no 0 · inf. */
  @Test
  void zerosOfTheBasisAreNotMultiplied() {
    assumeTrue(backend == Choice.NATIVE);
    Tensor factor = vector(Double.POSITIVE_INFINITY, 2);
    double infinity = Double.POSITIVE_INFINITY;
    Fn<Tensor, Tensor> f = x -> x.mul(factor);
    assertEqual(jacfwd(f).apply(vector(1, 1)), infinity, 0, 0, 2);
    assertEqual(jacrev(f).apply(vector(1, 1)), infinity, 0, 0, 2);
    Tensor dense = Tensor.eye(DType.F64, 2, 2).mul(factor);
    assertThat(dense.get(1).get(0).item()).isNaN();
  }

  @Test
  void nothingIsLeftInMemory() {
    Fn<Tensor, Tensor> compiled = jit(hessian((Fn<Tensor, Tensor>) SymbolicBasisTest::rosenbrock));
    Tensor x = random(0, 20);
    LiveMemory.assertNothingIsLeft(50, () -> compiled.apply(x));
  }

  @Test
  void manyThreadsGetTheSameResult() throws Exception {
    assumeTrue(backend == Choice.NATIVE);
    Fn<Tensor, Tensor> compiled = jit(hessian((Fn<Tensor, Tensor>) SymbolicBasisTest::rosenbrock));
    Tensor x = random(0, 300);
    double[] expected = compiled.apply(x).toDoubleArray();
    try (var pool = Executors.newFixedThreadPool(8)) {
      List<Future<double[]>> results =
          IntStream.range(0, 8)
              .mapToObj(_ -> pool.submit(() -> compiled.apply(x).toDoubleArray()))
              .toList();
      for (Future<double[]> result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
    }
  }
}
