package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.LinAlg;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;

/** Batches of small matrices, and one large one. */
public class LinearAlgebra extends Workload {
  private final Tensor small = definite(DType.F64, 10_000, 8);
  private final Tensor right = Tensor.of(uniform(80_000), Shape.of(10_000, 8)).cast(DType.F64);
  private final Tensor medium = definite(DType.F32, 1_000, 33);
  private final Tensor large = definite(DType.F64, 1, 512).get(0);
  private final Tensor systems = definite(DType.F64, 1_000, 16);
  private final Tensor sides = Tensor.of(uniform(16_000), Shape.of(1_000, 16)).cast(DType.F64);

  private final Fn2<Tensor, Tensor, Tensor> solve = jit(vmap(LinAlg::solve));
  private final Fn<Tensor, Tensor> cholesky = jit(LinAlg::cholesky);
  private final Fn<Tensor, List<Tensor>> eigh = jit(LinearAlgebra::vectorsAndValues);
  private final Fn2<Tensor, Tensor, Tensor> gradient =
      jit(grad((Tensor a, Tensor b) -> vmap(LinAlg::solve).apply(a, b).sin().sum()));

  private static Tensor definite(DType dtype, int batch, int n) {
    Tensor a = Tensor.of(uniform(batch * n * n), Shape.of(batch, n, n)).cast(dtype);
    return a.matmul(a.swapAxes(-1, -2)).add(Tensor.eye(dtype, n, n).mul((double) n));
  }

  private static List<Tensor> vectorsAndValues(Tensor a) {
    LinAlg.Eigh result = LinAlg.eigh(a);
    return List.of(result.values(), result.vectors());
  }

  @Benchmark
  public void solve8() {
    solve.apply(small, right).close();
  }

  @Benchmark
  public void cholesky8() {
    cholesky.apply(small).close();
  }

  @Benchmark
  public void eigh33() {
    eigh.apply(medium).forEach(Tensor::close);
  }

  @Benchmark
  public void gradientOfSolve16() {
    gradient.apply(systems, sides).close();
  }

  @Benchmark
  public void cholesky512() {
    cholesky.apply(large).close();
  }
}
