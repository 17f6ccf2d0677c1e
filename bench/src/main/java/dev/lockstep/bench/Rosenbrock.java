package dev.lockstep.bench;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Derivatives of the sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2. */
public class Rosenbrock extends Workload {
  @Param({"grad", "hessian"})
  String derivative;

  @Param({"10", "100", "1000"})
  int n;

  private Fn<Tensor, Tensor> function;
  private Tensor x;

  static Tensor rosenbrock(Tensor x) {
    long n = x.size();
    Tensor head = x.slice(new long[] {0}, new long[] {n - 1});
    Tensor tail = x.slice(new long[] {1}, new long[] {n});
    Tensor one = head.neg().add(1);
    return tail.sub(head.square()).square().mul(100).add(one.square()).sum();
  }

  @Setup
  public void inputs() {
    function =
        jit(
            derivative.equals("grad")
                ? grad(Rosenbrock::rosenbrock)
                : hessian(Rosenbrock::rosenbrock));
    x = uniform(1, n);
  }

  @Benchmark
  public void lockstep() {
    function.apply(x).close();
  }
}
