package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.LinAlg;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Batches of symmetric positive definite matrices. */
public class LinearAlgebra extends Workload {
  @Param({"solve", "cholesky", "eigh", "solve-grad"})
  String op;

  @Param("10000")
  int batch;

  @Param("8")
  int n;

  @Param("F64")
  DType dtype;

  private Tensor matrices;
  private Tensor sides;
  private final Fn2<Tensor, Tensor, Tensor> solve = jit(vmap(LinAlg::solve));
  private final Fn2<Tensor, Tensor, Tensor> gradient =
      jit(grad((Tensor a, Tensor b) -> vmap(LinAlg::solve).apply(a, b).sin().sum()));
  private final Fn<Tensor, Tensor> cholesky = jit(LinAlg::cholesky);
  private final Fn<Tensor, LinAlg.Eigh> eigh = jit(LinAlg::eigh);

  @Setup
  public void inputs() {
    Tensor a = uniform(1, batch, n, n).cast(dtype);
    matrices = a.matmul(a.swapAxes(-1, -2)).add(Tensor.eye(dtype, n, n).mul((double) n));
    sides = uniform(1, batch, n).cast(dtype);
  }

  @Benchmark
  public void lockstep() {
    switch (op) {
      case "solve" -> solve.apply(matrices, sides).close();
      case "solve-grad" -> gradient.apply(matrices, sides).close();
      case "cholesky" -> cholesky.apply(matrices).close();
      case "eigh" -> closing(() -> eigh.apply(matrices));
      default -> throw new IllegalStateException(op);
    }
  }
}
