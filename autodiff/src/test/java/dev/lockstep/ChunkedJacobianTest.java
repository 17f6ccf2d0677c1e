package dev.lockstep;

import static dev.lockstep.Derivatives.jacobian;
import static dev.lockstep.Lockstep.FIRST;
import static dev.lockstep.Lockstep.FOURTH;
import static dev.lockstep.Lockstep.SECOND;
import static dev.lockstep.Lockstep.THIRD;
import static dev.lockstep.Lockstep.chunk;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.error.LockstepException;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkedJacobianTest extends EveryBackend {
  private static final Fn<Tensor, Tensor> MATRIX =
      x -> x.sin().expandDims(1).mul(x.exp()).mul(x.get(0));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 7, 24, 25, 26, 100})
  void areThePlainOnes(long size) {
    Tensor x = random(3, 5);
    assertClose(jacfwd(MATRIX, chunk(size)).apply(x), jacfwd(MATRIX).apply(x));
    assertClose(jacrev(MATRIX, chunk(size)).apply(x), jacrev(MATRIX).apply(x));
  }

  @Test
  void ofTreesScalarsAndConstants() {
    Fn<List<Tensor>, Tensor> f = p -> p.get(0).matmul(p.get(1)).add(p.get(2)).tanh();
    List<Tensor> p = List.of(random(0, 3, 2), random(1, 2), scalar(0.5));
    List<Tensor> plain = jacrev(f).apply(p);
    for (int i = 0; i < p.size(); i++) {
      assertClose(jacfwd(f, chunk(2)).apply(p).get(i), plain.get(i));
      assertClose(jacrev(f, chunk(2)).apply(p).get(i), plain.get(i));
    }
    Fn<Tensor, Tensor> sum = x -> x.square().sum();
    assertClose(jacrev(sum, chunk(2)).apply(p.get(1)), p.get(1).mul(2));
    Fn<Tensor, Tensor> constant = x -> p.get(1);
    assertClose(jacfwd(constant, chunk(1)).apply(p.get(1)), jacfwd(constant).apply(p.get(1)));
    assertClose(jacrev(constant, chunk(1)).apply(p.get(1)), jacfwd(constant).apply(p.get(1)));
    Fn<Tensor, Tensor> empty = x -> x.mul(2);
    Tensor none = random(0, 0);
    assertThat(jacfwd(empty, chunk(2)).apply(none).shape().extents()).containsExactly(0, 0);
  }

  @Test
  void ofSeveralArguments() {
    Tensor a = random(0, 3);
    Tensor b = random(1, 2);
    Tensor c = random(2, 4);
    Tensor d = random(3, 5);
    Chunk chunk = chunk(2);
    Fn2<Tensor, Tensor, Tensor> two = (x, y) -> x.outer(y).sin();
    Fn3<Tensor, Tensor, Tensor, Tensor> three = (x, y, z) -> two.apply(x, y.mul(z.sum()));
    Fn4<Tensor, Tensor, Tensor, Tensor, Tensor> four =
        (x, y, z, w) -> three.apply(x, y, z.mul(w.get(1))).mul(w.sum());
    Tensor ofFirst = jacrev(two).apply(a, b);
    Tensor ofSecond = jacrev(two, SECOND).apply(a, b);
    assertClose(jacfwd(two, chunk).apply(a, b), ofFirst);
    assertClose(jacrev(two, chunk).apply(a, b), ofFirst);
    assertClose(jacfwd(two, FIRST, chunk).apply(a, b), ofFirst);
    assertClose(jacrev(two, FIRST, chunk).apply(a, b), ofFirst);
    assertClose(jacfwd(two, SECOND, chunk).apply(a, b), ofSecond);
    assertClose(jacrev(two, SECOND, chunk).apply(a, b), ofSecond);
    assertClose(jacobian(two).apply(a, b), ofFirst);
    assertClose(jacobian(two, FIRST).apply(a, b), ofFirst);
    assertClose(jacobian(two, SECOND).apply(a, b), ofSecond);
    Tensor ofThree = jacrev(three).apply(a, b, c);
    assertClose(jacfwd(three, chunk).apply(a, b, c), ofThree);
    assertClose(jacrev(three, chunk).apply(a, b, c), ofThree);
    assertClose(jacfwd(three, FIRST, chunk).apply(a, b, c), ofThree);
    assertClose(jacrev(three, FIRST, chunk).apply(a, b, c), ofThree);
    Tensor inSecond = jacfwd(three, SECOND).apply(a, b, c);
    assertClose(jacfwd(three, SECOND, chunk).apply(a, b, c), inSecond);
    assertClose(jacrev(three, SECOND, chunk).apply(a, b, c), inSecond);
    Tensor inThird = jacfwd(three, THIRD).apply(a, b, c);
    assertClose(jacfwd(three, THIRD, chunk).apply(a, b, c), inThird);
    assertClose(jacrev(three, THIRD, chunk).apply(a, b, c), inThird);
    assertClose(jacobian(three).apply(a, b, c), ofThree);
    assertClose(jacobian(three, FIRST).apply(a, b, c), ofThree);
    assertClose(jacobian(three, SECOND).apply(a, b, c), inSecond);
    assertClose(jacobian(three, THIRD).apply(a, b, c), inThird);
    Tensor ofFour = jacrev(four).apply(a, b, c, d);
    assertClose(jacfwd(four, chunk).apply(a, b, c, d), ofFour);
    assertClose(jacrev(four, chunk).apply(a, b, c, d), ofFour);
    assertClose(jacfwd(four, FIRST, chunk).apply(a, b, c, d), ofFour);
    assertClose(jacrev(four, FIRST, chunk).apply(a, b, c, d), ofFour);
    Tensor second = jacrev(four, SECOND).apply(a, b, c, d);
    assertClose(jacfwd(four, SECOND, chunk).apply(a, b, c, d), second);
    assertClose(jacrev(four, SECOND, chunk).apply(a, b, c, d), second);
    Tensor third = jacrev(four, THIRD).apply(a, b, c, d);
    assertClose(jacfwd(four, THIRD, chunk).apply(a, b, c, d), third);
    assertClose(jacrev(four, THIRD, chunk).apply(a, b, c, d), third);
    Tensor fourth = jacrev(four, FOURTH).apply(a, b, c, d);
    assertClose(jacfwd(four, FOURTH, chunk).apply(a, b, c, d), fourth);
    assertClose(jacrev(four, FOURTH, chunk).apply(a, b, c, d), fourth);
    assertClose(jacobian(four).apply(a, b, c, d), ofFour);
    assertClose(jacobian(four, FIRST).apply(a, b, c, d), ofFour);
    assertClose(jacobian(four, SECOND).apply(a, b, c, d), second);
    assertClose(jacobian(four, THIRD).apply(a, b, c, d), third);
    assertClose(jacobian(four, FOURTH).apply(a, b, c, d), fourth);
  }

  @Test
  void insideAndOutsideOfOtherTransforms() {
    Tensor x = random(4, 3);
    Fn<Tensor, Tensor> hessian = jacfwd(jacrev(x1 -> MATRIX.apply(x1).sum(), chunk(2)), chunk(2));
    Fn<Tensor, Tensor> plain = jacfwd(jacrev(x1 -> MATRIX.apply(x1).sum()));
    assertClose(hessian.apply(x), plain.apply(x));
    assertClose(
        jacrev(jacfwd(MATRIX, chunk(2)), chunk(4)).apply(x), jacfwd(jacfwd(MATRIX)).apply(x));
    assertClose(jit(jacfwd(MATRIX, chunk(2))).apply(x), jacfwd(MATRIX).apply(x));
    Tensor batch = random(5, 4, 3);
    assertClose(vmap(jacrev(MATRIX, chunk(2))).apply(batch), vmap(jacrev(MATRIX)).apply(batch));
    assertClose(
        vmap(jacfwd(MATRIX, chunk(2)), in(0).chunked(3)).apply(batch),
        vmap(jacfwd(MATRIX)).apply(batch));
  }

  /** A wide layer between few inputs and few outputs: what it holds is one row a unit vector. */
  @Test
  void takeLessMemory() {
    assumeTrue(backend == Choice.NATIVE);
    int wide = 4096;
    Tensor first = random(0, wide, 64);
    Tensor second = random(1, 64, wide);
    Fn<Tensor, Tensor> f = x -> second.matmul(first.matmul(x).sin()).tanh();
    Tensor x = random(2, 64);
    assertThat(peak(jit(jacfwd(f, chunk(4))), x)).isLessThan(peak(jit(jacfwd(f)), x) / 2);
    assertThat(peak(jit(jacrev(f, chunk(4))), x)).isLessThan(peak(jit(jacrev(f)), x) / 2);
  }

  private static long peak(Fn<Tensor, Tensor> f, Tensor x) {
    return LiveMemory.peak(() -> f.apply(x));
  }

  @Test
  void chunksThatCannotBe() {
    assertThatThrownBy(() -> jacfwd(MATRIX, chunk(0)))
        .isInstanceOf(LockstepException.class)
        .hasMessageContaining("jacfwd: chunks must have at least 1 column, got chunk(0)");
    assertThatThrownBy(() -> jacrev(MATRIX, chunk(-3)))
        .isInstanceOf(LockstepException.class)
        .hasMessageContaining("jacrev: chunks must have at least 1 row, got chunk(-3)");
  }
}
