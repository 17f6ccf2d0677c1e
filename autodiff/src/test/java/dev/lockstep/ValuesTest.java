package dev.lockstep;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.linearize;
import static dev.lockstep.Lockstep.vjp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.TracerException;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Java code that looks at values inside of functions that are differentiated. */
class ValuesTest extends EveryBackend {
  private static final Fn<Tensor, Tensor> RELU = x -> x.mul(2).item() > 0 ? x.mul(3) : x.mul(0);

  @Test
  void branchesOnValuesUnderDifferentiation() {
    assertClose(grad(RELU).apply(scalar(1)), 3);
    assertClose(grad(RELU).apply(scalar(-1)), 0);
    assertClose(grad(grad(RELU)).apply(scalar(1)), 0);
    assertClose(jvp(RELU, scalar(1), scalar(1)).tangent(), 3);
    assertClose(vjp(RELU, scalar(1)).pullback().apply(scalar(1)), 3);
    assertClose(linearize(RELU, scalar(1)).linear().apply(scalar(1)), 3);
    assertClose(jacrev(RELU).apply(scalar(1)), 3);
  }

  @Test
  void loopsUntilAValueIsReached() {
    Fn<Tensor, Tensor> f =
        x -> {
          Tensor y = x;
          while (y.item() < 100) {
            y = y.mul(x);
          }
          return y;
        };
    assertClose(grad(f).apply(scalar(5)), 75);
    assertClose(grad(f).apply(scalar(11)), 22);
  }

  @Test
  void wholeArraysCanBeRead() {
    Fn<Tensor, Tensor> f = x -> x.mul(Tensor.of(x.square().toDoubleArray())).sum();
    assertEqual(grad(f).apply(vector(2, 3)), 4, 9);
  }

  @Test
  void noSingleValueExistsUnderVmapAndJit() {
    assertThatThrownBy(() -> vmap(RELU).apply(vector(1, 2)))
        .isInstanceOf(TracerException.class)
        .hasMessageContaining("item")
        .hasMessageContaining("vmap")
        .hasMessageContaining("ValuesTest.java");
    assertThatThrownBy(() -> jit(RELU).apply(scalar(1)))
        .isInstanceOf(TracerException.class)
        .hasMessageContaining("jit");
    assertThatThrownBy(() -> vmap(grad(RELU)).apply(vector(1, 2)))
        .isInstanceOf(TracerException.class)
        .hasMessageContaining("vmap");
  }

  @Test
  void valuesOfWhatIsNotMappedAreKnownUnderVmap() {
    Tensor limit = scalar(3);
    Fn<Tensor, Tensor> f = x -> limit.item() > 2 ? x.mul(2) : x;
    assertEqual(vmap(f).apply(vector(1, 2)), 2, 4);
  }
}
