package dev.lockstep;

import static dev.lockstep.Lockstep.counts;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class JitTest extends EveryBackend {
  record Scaled(Tensor x, int times) {}

  @Test
  void tracesOnceForEachType() {
    AtomicInteger traces = new AtomicInteger();
    Fn<Tensor, Tensor> f =
        jit(x -> {
          traces.incrementAndGet();
          return x.add(1);
        });
    for (int i = 0; i < 3; i++) {
      assertEqual(f.apply(vector(i, 2)), i + 1, 3);
    }
    assertThat(traces).hasValue(1);
    assertEqual(f.apply(vector(1, 2, 3)), 2, 3, 4);
    assertThat(traces).hasValue(2);
    assertEqual(f.apply(Tensor.of(1f, 2f)), 2, 3);
    assertThat(traces).hasValue(3);
    assertEqual(f.apply(vector(5, 6)), 6, 7);
    assertThat(traces).hasValue(3);
  }

  @Test
  void staticPartsOfATreeAreOfTheKey() {
    AtomicInteger traces = new AtomicInteger();
    Fn<Scaled, Tensor> f =
        jit(s -> {
          traces.incrementAndGet();
          return s.x().mul(s.times());
        });
    assertClose(f.apply(new Scaled(scalar(2), 3)), 6);
    assertClose(f.apply(new Scaled(scalar(5), 3)), 15);
    assertThat(traces).hasValue(1);
    assertClose(f.apply(new Scaled(scalar(2), 4)), 8);
    assertThat(traces).hasValue(2);
  }

  @Test
  void severalArgumentsAndResults() {
    Fn2<Tensor, Tensor, List<Tensor>> two = jit((a, b) -> List.of(b, a, a.add(b), b));
    List<Tensor> results = two.apply(scalar(1), scalar(2));
    assertThat(results.stream().map(Tensor::item)).containsExactly(2.0, 1.0, 3.0, 2.0);
    Fn3<Tensor, Tensor, Tensor, Tensor> three = jit((a, b, c) -> a.mul(b).sub(c));
    assertClose(three.apply(scalar(2), scalar(3), scalar(4)), 2);
    Fn4<Tensor, Tensor, Tensor, Tensor, Tensor> four = jit((a, b, c, d) -> a.mul(b).sub(c).add(d));
    assertClose(four.apply(scalar(2), scalar(3), scalar(4), scalar(1)), 3);
  }

  @Test
  void aReturnedInputIsATensorOfItsOwn() {
    Fn<Tensor, Tensor> identity = jit(x -> x);
    Tensor x = vector(1, 2);
    Tensor y = identity.apply(x);
    x.close();
    assertEqual(y, 1, 2);
  }

  @Test
  void whatIsCapturedIsFixedWhenTraced() {
    double[] factor = {2};
    Tensor captured = vector(1, 2);
    Fn<Tensor, Tensor> f = jit(x -> x.mul(factor[0]).add(captured));
    assertEqual(f.apply(vector(1, 1)), 3, 4);
    factor[0] = 100;
    assertEqual(f.apply(vector(1, 1)), 3, 4);
  }

  @Test
  void withoutJitWhatIsCapturedIsFreshAndNothingCompilesAgain() {
    double[] rate = {2};
    Fn<Tensor, Tensor> f = vmap(grad((Tensor x) -> x.square().mul(rate[0])));
    assertEqual(f.apply(vector(1, 2)), 4, 8);
    Counts before = counts();
    for (int i = 3; i < 10; i++) {
      rate[0] = i;
      assertEqual(f.apply(vector(1, 2)), 2 * i, 4 * i);
    }
    assertThat(counts()).isEqualTo(before);
  }

  @Test
  void sharedByTracesAndCalls() {
    AtomicInteger traces = new AtomicInteger();
    Fn<Tensor, Tensor> f =
        jit(x -> {
          traces.incrementAndGet();
          return x.sin();
        });
    assertClose(grad(f).apply(scalar(1)), Math.cos(1));
    assertClose(f.apply(scalar(1)), Math.sin(1));
    assertClose(grad(f).apply(scalar(2)), Math.cos(2));
    assertClose(f.apply(scalar(2)), Math.sin(2));
    assertThat(traces).hasValue(1);
  }

  @Test
  void aTracerThatIsCapturedIsNotKept() {
    Fn<Tensor, Tensor> f =
        a -> {
          Fn<Tensor, Tensor> g = jit(b -> a.mul(b));
          return g.apply(a).add(g.apply(a.mul(2)));
        };
    assertClose(grad(f).apply(scalar(3)), 18);
    assertEqual(vmap(f).apply(vector(1, 2)), 3, 12);
  }

  @Test
  void batchesOfEachSizeCompileOnce() {
    Fn<Tensor, Tensor> f = jit(vmap((Tensor x) -> x.dot(x)));
    for (int round = 0; round < 2; round++) {
      Counts before = counts();
      for (int n = 1; n < 6; n++) {
        Tensor x = random(n, n, 3);
        assertClose(f.apply(x), x.mul(x).sum(1));
      }
      if (round == 1) {
        assertThat(counts().traces()).isEqualTo(before.traces());
        assertThat(counts().transforms()).isEqualTo(before.transforms());
      }
    }
  }
}
