package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.valueAndGrad;
import static dev.lockstep.Lockstep.vjp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Scope;
import dev.lockstep.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Native memory after many calls is what it was before. */
class MemoryTest {
  @Test
  void nothingIsLeftAfterTheScope() {
    Fn2<Tensor, Tensor, Tensor> loss = (w, x) -> w.matmul(x).tanh().square().sum();
    var compiled = jit(vmap(grad(loss), in(NONE, 0)));
    var both = valueAndGrad(loss);
    var second = hessian((Tensor x) -> x.square().sum());
    Tensor w = random(0, 30, 40);
    Tensor x = random(1, 50, 40);
    LiveMemory.assertNothingIsLeft(
        100,
        () -> {
          compiled.apply(w, x);
          both.apply(w, x.get(0));
          second.apply(x.get(0));
          vjp(loss, w, x.get(1)).pullback().apply(Tensor.scalar(1.0));
          jit((Tensor t) -> t.sin()).apply(x);
        });
  }

  @Test
  void whatJitCapturesOutlivesTheScopeAndItsOwner() {
    Tensor table = random(0, 3);
    Fn<Tensor, Tensor> f = jit(x -> x.mul(table).add(Tensor.of(1.0, 2.0, 3.0)));
    double[] expected;
    try (Scope _ = Scope.open()) {
      expected = f.apply(table).toDoubleArray();
    }
    Tensor x = random(0, 3);
    table.close();
    assertThat(f.apply(x).toDoubleArray()).isEqualTo(expected);
  }
}
