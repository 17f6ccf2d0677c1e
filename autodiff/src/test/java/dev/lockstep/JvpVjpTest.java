package dev.lockstep;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.linearize;
import static dev.lockstep.Lockstep.vjp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.differences;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class JvpVjpTest extends EveryBackend {
  record Pair(Tensor first, Tensor second) {}

  private static final Fn<Tensor, Tensor> FUNCTION =
      x -> x.matmul(x.transpose()).tanh().mul(x.sum());

  @Test
  void jvpIsTheDerivativeInADirection() {
    Tensor x = random(0, 3, 2);
    Tensor dx = random(1, 3, 2);
    Jvp<Tensor> result = jvp(FUNCTION, x, dx);
    assertClose(result.value(), FUNCTION.apply(x));
    Tensor jacobian = differences(FUNCTION, x).reshape(3, 3, 6);
    assertClose(result.tangent(), jacobian.mul(dx.flatten()).sum(2), 1e-7);
  }

  @Test
  void vjpIsItsTranspose() {
    Tensor x = random(0, 3, 2);
    Tensor ct = random(1, 3, 3);
    Vjp<Tensor, Tensor> result = vjp(FUNCTION, x);
    assertClose(result.value(), FUNCTION.apply(x));
    Tensor jacobian = differences(FUNCTION, x);
    assertClose(result.pullback().apply(ct), jacobian.mul(ct.reshape(3, 3, 1, 1)).sum(0, 1), 1e-7);
    assertClose(result.pullback().apply(ct.mul(2)), result.pullback().apply(ct).mul(2));
  }

  @Test
  void linearizeIsJvpInTwoSteps() {
    Tensor x = random(0, 3, 2);
    Linearized<Tensor, Fn<Tensor, Tensor>> result = linearize(FUNCTION, x);
    assertClose(result.value(), FUNCTION.apply(x));
    for (int i = 1; i < 4; i++) {
      Tensor dx = random(i, 3, 2);
      assertClose(result.linear().apply(dx), jvp(FUNCTION, x, dx).tangent());
    }
  }

  @Test
  void severalArguments() {
    Fn3<Tensor, Tensor, Tensor, Tensor> f = (a, b, c) -> a.mul(b).add(c.square());
    Jvp<Tensor> forward =
        jvp(f, scalar(2), scalar(3), scalar(5), scalar(1), scalar(10), scalar(100));
    assertClose(forward.value(), 31);
    assertClose(forward.tangent(), 3 + 20 + 1000);
    Cotangents.Three<Tensor, Tensor, Tensor> back =
        vjp(f, scalar(2), scalar(3), scalar(5)).pullback().apply(scalar(1));
    assertClose(back.first(), 3);
    assertClose(back.second(), 2);
    assertClose(back.third(), 10);
    Fn3<Tensor, Tensor, Tensor, Tensor> linear =
        linearize(f, scalar(2), scalar(3), scalar(5)).linear();
    assertClose(linear.apply(scalar(1), scalar(10), scalar(100)), 1023);
  }

  @Test
  void trees() {
    Fn<Pair, Pair> f = p -> new Pair(p.first().mul(p.second()), p.first());
    Jvp<Pair> forward = jvp(f, new Pair(scalar(2), scalar(3)), new Pair(scalar(1), scalar(0)));
    assertClose(forward.value().first(), 6);
    assertClose(forward.tangent().first(), 3);
    assertClose(forward.tangent().second(), 1);
    Pair back =
        vjp(f, new Pair(scalar(2), scalar(3))).pullback().apply(new Pair(scalar(1), scalar(10)));
    assertClose(back.first(), 13);
    assertClose(back.second(), 2);
  }

  @Test
  void zerosAreMade() {
    Fn2<Tensor, Tensor, List<Tensor>> f = (x, y) -> List.of(x, vector(1, 2), x.greater(0));
    Jvp<List<Tensor>> forward = jvp(f, vector(1), vector(2), vector(3), vector(4));
    assertEqual(forward.tangent().get(0), 3);
    assertEqual(forward.tangent().get(1), 0, 0);
    assertThat(forward.tangent().get(2).dtype()).isEqualTo(DType.BOOL);
    Fn2<Tensor, Tensor, Tensor> unused = (x, y) -> x.mul(2);
    Cotangents.Two<Tensor, Tensor> back =
        vjp(unused, vector(1), vector(2, 3)).pullback().apply(vector(1));
    assertEqual(back.first(), 2);
    assertEqual(back.second(), 0, 0);
    Vjp<Tensor, Tensor> constant = vjp((Tensor x) -> vector(1, 2), vector(3));
    assertEqual(constant.pullback().apply(vector(1, 1)), 0);
  }

  @Test
  void theSameResultTwiceAddsItsCotangents() {
    Fn<Tensor, List<Tensor>> f =
        x -> {
          Tensor y = x.square();
          return List.of(y, y, x);
        };
    Vjp<List<Tensor>, Tensor> result = vjp(f, scalar(3));
    assertClose(result.pullback().apply(List.of(scalar(1), scalar(10), scalar(100))), 6 + 60 + 100);
  }

  @Test
  void composeWithOtherTransforms() {
    Fn<Tensor, Tensor> throughVjp = x -> vjp(Tensor::sin, x).pullback().apply(scalar(1));
    assertClose(grad(throughVjp).apply(scalar(0.3)), -Math.sin(0.3));
    Fn<Tensor, Tensor> throughJvp = x -> jvp(Tensor::sin, x, scalar(1)).tangent();
    assertClose(grad(throughJvp).apply(scalar(0.3)), -Math.sin(0.3));
    Fn<Tensor, Tensor> throughLinearize = x -> linearize(Tensor::sin, x).linear().apply(scalar(1));
    assertClose(grad(throughLinearize).apply(scalar(0.3)), -Math.sin(0.3));
    assertClose(vmap(throughVjp).apply(vector(0.3, 0.4)), vector(0.3, 0.4).cos());
    Fn<Tensor, Tensor> pullback = vjp((Tensor x) -> x.sin(), vector(0.1, 0.2)).pullback();
    Tensor rows = vmap(pullback).apply(Tensor.of(new double[][] {{1, 0}, {0, 1}}));
    assertClose(rows.get(0).get(0), Math.cos(0.1));
    assertClose(rows.get(1).get(0), 0);
  }

  @Test
  void thePullbackOutlivesItsArguments() {
    Tensor x = vector(2, 3);
    Vjp<Tensor, Tensor> result = vjp((Tensor t) -> t.square().mul(t), x);
    x.close();
    result.value().close();
    assertEqual(result.pullback().apply(vector(1, 1)), 12, 27);
  }
}
