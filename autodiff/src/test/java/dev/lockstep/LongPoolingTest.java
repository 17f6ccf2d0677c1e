package dev.lockstep;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertDerivativesAreDifferences;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.random;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Padding;
import dev.lockstep.tensor.PoolOptions;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;

/** Poolings whose windows are so long that they are not looked at element by element. */
class LongPoolingTest {
  private static final PoolOptions ROW = PoolOptions.of(33).padding(Padding.around(20));
  private static final PoolOptions BLOCK = PoolOptions.of(9, 2, 2).padding(Padding.around(8, 1, 1));

  /** Combines the padded operand's shifts, one for each element of BLOCK's windows. */
  private static Tensor shifts(Tensor x, double padding, BinaryOperator<Tensor> combine) {
    Tensor padded = x.pad(new long[] {0, 0, 8, 1, 1}, new long[] {0, 0, 8, 1, 1}, padding);
    long[] limit = padded.shape().extents();
    limit[2] -= 8;
    limit[3] -= 1;
    limit[4] -= 1;
    Tensor result = null;
    for (int i = 0; i < 36; i++) {
      long[] start = {0, 0, i / 4, i / 2 % 2, i % 2};
      long[] end = limit.clone();
      for (int axis = 2; axis < 5; axis++) {
        end[axis] += start[axis];
      }
      Tensor shifted = padded.slice(start, end);
      result = result == null ? shifted : combine.apply(result, shifted);
    }
    return result;
  }

  @Test
  void longWindowsAlongSeveralAxesAreCombinedShifts() {
    Tensor x = random(0, 2, 1, 3, 4, 5);
    Tensor tangent = random(1, 2, 1, 3, 4, 5);
    record Case(Fn<Tensor, Tensor> pooling, Fn<Tensor, Tensor> expected) {}
    List<Case> cases =
        List.of(
            new Case(
                t -> Nn.maxPool(t, BLOCK),
                t -> shifts(t, Double.NEGATIVE_INFINITY, Tensor::maximum)),
            new Case(
                t -> Nn.minPool(t, BLOCK),
                t -> shifts(t, Double.POSITIVE_INFINITY, Tensor::minimum)),
            new Case(t -> Nn.avgPool(t, BLOCK), t -> shifts(t, 0, Tensor::add).div(36.0)),
            new Case(
                t -> Nn.avgPool(t, BLOCK.withoutCountingPadding()),
                t -> shifts(t, 0, Tensor::add).div(shifts(t.mul(0.0).add(1.0), 0, Tensor::add))));
    for (Case test : cases) {
      Fn<Tensor, Tensor> pooling = test.pooling();
      Fn<Tensor, Tensor> expected = test.expected();
      assertClose(pooling.apply(x), expected.apply(x));
      assertClose(
          grad((Tensor t) -> pooling.apply(t).square().mean()).apply(x),
          grad((Tensor t) -> expected.apply(t).square().mean()).apply(x));
      assertClose(jvp(pooling, x, tangent).tangent(), jvp(expected, x, tangent).tangent());
    }
  }

  @Test
  void derivativesOfLongRowsAreThoseOfDifferences() {
    Tensor x = random(0, 1, 1, 40);
    List<Fn<Tensor, Tensor>> poolings =
        List.of(
            t -> Nn.maxPool(t, ROW).square(),
            t -> Nn.minPool(t, ROW),
            t -> Nn.avgPool(t, ROW).sin(),
            t -> Nn.avgPool(t, ROW.withoutCountingPadding()));
    for (Fn<Tensor, Tensor> f : poolings) {
      assertDerivativesAreDifferences(f, x);
    }
  }

  @Test
  void theFirstOfEqualElementsOfLongRowsTakesTheDerivative() {
    Tensor x = Tensor.ones(DType.F32, 1, 1, 40);
    Tensor gradient = grad((Tensor t) -> Nn.maxPool(t, ROW).sum()).apply(x);
    assertEqual(gradient.slice(new long[] {0, 0, 0}, new long[] {1, 1, 3}), 21.0, 1.0, 1.0);
  }

  @Test
  void longRowsOfOtherNumbersAndMappedOnesAreThoseOfF64() {
    Tensor x = random(0, 3, 2, 40).mul(100.0).round();
    Tensor expected = Nn.maxPool(x, ROW);
    for (DType dtype : List.of(DType.F32, DType.BF16, DType.I32, DType.I64)) {
      assertClose(Nn.maxPool(x.cast(dtype), ROW).cast(DType.F64), expected);
    }
    Tensor means = Nn.avgPool(x.cast(DType.BF16), ROW).cast(DType.F64);
    assertClose(means, Nn.avgPool(x, ROW), 0.2);
    Fn<Tensor, Tensor> one = t -> Nn.maxPool(t.expandDims(0), ROW).get(0);
    assertClose(vmap(one).apply(x), expected);
  }
}
