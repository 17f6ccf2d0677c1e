package dev.lockstep;

import static dev.lockstep.Lockstep.SECOND;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.out;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NestingTest extends EveryBackend {
  /** d/dx [x · d/dy (x + y)] = 1: the inner derivative must not see the outer's x. */
  @Test
  void theInnerDerivativeDoesNotSeeTheOuterArgument() {
    Fn<Tensor, Tensor> f = x -> x.mul(grad((Tensor y) -> x.add(y)).apply(scalar(1)));
    assertClose(grad(f).apply(scalar(5)), 1);
    Fn<Tensor, Tensor> forward =
        x -> x.mul(jvp((Tensor y) -> x.add(y), scalar(1), scalar(1)).tangent());
    assertClose(jvp(forward, scalar(5), scalar(1)).tangent(), 1);
    assertClose(grad(forward).apply(scalar(5)), 1);
    assertClose(jacfwd(f).apply(scalar(5)), 1);
  }

  /** d/dx [x · d/dy (x y)] = d/dx x² = 2x. */
  @Test
  void whatTheInnerFunctionClosesOverIsDifferentiated() {
    Fn<Tensor, Tensor> f = x -> x.mul(grad((Tensor y) -> x.mul(y)).apply(scalar(7)));
    assertClose(grad(f).apply(scalar(5)), 10);
    assertClose(jacfwd(f).apply(scalar(5)), 10);
    assertClose(grad(grad(f)).apply(scalar(5)), 2);
  }

  /** With the outer argument also as the inner one: d/dx [x · (d/dy x y²)(y = x)] = d/dx 2x³. */
  @Test
  void theInnerFunctionAtTheOuterArgument() {
    Fn<Tensor, Tensor> f = x -> x.mul(grad((Tensor y) -> x.mul(y.square())).apply(x));
    assertClose(grad(f).apply(scalar(3)), 54);
    assertClose(jvp(f, scalar(3), scalar(1)).tangent(), 54);
    assertEqual(vmap(grad(f)).apply(vector(1, 2)), 6, 24);
  }

  @Test
  void perExampleGradients() {
    Fn2<Tensor, Tensor, Tensor> loss = (w, x) -> w.dot(x).tanh();
    Tensor w = random(0, 3);
    Tensor x = random(1, 5, 3);
    Tensor each = vmap(grad(loss), in(Lockstep.NONE, 0)).apply(w, x);
    for (int i = 0; i < 5; i++) {
      assertClose(each.get(i), grad(loss).apply(w, x.get(i)));
    }
    Tensor sum = grad((Tensor v) -> vmap((Tensor e) -> loss.apply(v, e)).apply(x).sum()).apply(w);
    assertClose(sum, each.sum(0));
  }

  @Test
  void threeLevels() {
    Tensor x = random(0, 4);
    Fn<Tensor, Tensor> f = t -> t.sin().mul(t.get(0)).sum();
    Tensor expected = Tensors.differences(hessian(f), x);
    assertClose(jacfwd(jacfwd(jacfwd(f))).apply(x), expected, 1e-7);
    assertClose(jacrev(jacrev(jacrev(f))).apply(x), expected, 1e-7);
    assertClose(jacfwd(jacrev(grad(f))).apply(x), expected, 1e-7);
    assertClose(jacrev(hessian(f)).apply(x), expected, 1e-7);
    Tensor batch = random(1, 2, 4);
    Tensor third = vmap(jacfwd(hessian(f))).apply(batch);
    assertClose(third.get(1), jacfwd(hessian(f)).apply(batch.get(1)));
    Tensor inside = jacfwd((Tensor b) -> vmap(hessian(f)).apply(b)).apply(batch);
    assertClose(inside.get(1).moveAxis(2, 0).get(1), third.get(1));
  }

  @Test
  void jitAnywhere() {
    Fn<Tensor, Tensor> sin = jit(Tensor::sin);
    assertClose(grad(jit(grad(sin))).apply(scalar(1)), -Math.sin(1));
    assertClose(jit(grad(jit(grad(jit(sin))))).apply(scalar(1)), -Math.sin(1));
    Tensor x = vector(1, 2, 3);
    assertClose(vmap(jit(grad(sin))).apply(x), x.cos());
    assertClose(jit(vmap(jit(grad(sin)))).apply(x), x.cos());
    Fn<Tensor, Tensor> outer = jit((Tensor a) -> vmap(jit((Tensor b) -> a.mul(b))).apply(x).sum());
    assertClose(grad(outer).apply(scalar(2)), 6);
  }

  @Test
  void vmapOfTheSecondArgumentOfAGradientOfAVmap() {
    Fn2<Tensor, Tensor, Tensor> f = (a, b) -> vmap((Tensor e) -> e.mul(a).sin()).apply(b).sum();
    Tensor b = random(0, 3, 2);
    Tensor gradient = vmap(grad(f, SECOND), in(0, 1), out(-1)).apply(vector(1, 2), b);
    for (int i = 0; i < 2; i++) {
      Tensor column = b.transpose().get(i);
      assertClose(gradient.transpose().get(i), grad(f, SECOND).apply(scalar(i + 1), column));
    }
  }

  /** Random towers of transforms that must agree with the plain function's derivatives. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void randomTowers(int seed) {
    Random random = new Random(seed);
    Fn<Tensor, Tensor> f = x -> x.sin();
    int derivatives = 0;
    List<String> names = new ArrayList<>();
    for (int depth = 0; depth < 5; depth++) {
      Fn<Tensor, Tensor> inner = f;
      int kind = random.nextInt(6);
      names.add(List.of("grad", "jacfwd", "jacrev", "jvp", "jit", "closure").get(kind));
      f =
          switch (kind) {
            case 0 -> grad(inner);
            case 1 -> jacfwd(inner);
            case 2 -> jacrev(inner);
            case 3 -> x -> jvp(inner, x, scalar(1)).tangent();
            case 4 -> jit(inner);
            default -> x -> grad((Tensor y) -> inner.apply(x).mul(y)).apply(x);
          };
      derivatives += kind < 4 ? 1 : 0;
    }
    double expected =
        switch (derivatives % 4) {
          case 0 -> Math.sin(0.4);
          case 1 -> Math.cos(0.4);
          case 2 -> -Math.sin(0.4);
          default -> -Math.cos(0.4);
        };
    assertClose(f.apply(scalar(0.4)), expected);
    Tensor batch = vector(0.4, 0.4);
    assertClose(vmap(f).apply(batch).get(1), expected);
    assertClose(jit(vmap(f)).apply(batch).get(0), expected);
  }
}
