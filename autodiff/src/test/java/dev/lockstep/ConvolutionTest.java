package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.ConvOptions;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Layout;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Padding;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Convolutions and their gradients under vmap, with groups, and of bf16. */
class ConvolutionTest extends EveryBackend {
  private static final ConvOptions SAME = ConvOptions.DEFAULT.padding(Padding.SAME);
  private static final int BATCH = 3;

  private record Case(ConvOptions options, long[] x, long[] w) {}

  /** The convolution and its gradients with respect to the operand, the kernel and both. */
  private static List<Fn2<Tensor, Tensor, Tensor>> functions(ConvOptions options) {
    return functions((x, w) -> Nn.conv(x, w, options));
  }

  private static List<Fn2<Tensor, Tensor, Tensor>> functions(Fn2<Tensor, Tensor, Tensor> f) {
    Fn2<Tensor, Tensor, Tensor> loss = (x, w) -> f.apply(x, w).square().mean();
    return List.of(
        f,
        grad(loss),
        (x, w) -> grad((Tensor k) -> loss.apply(x, k)).apply(w),
        (x, w) -> grad((Tensor k) -> grad(loss).apply(x, k).square().mean()).apply(w));
  }

  /** All operands are large enough for the library when they are mapped. */
  @Test
  void anyMaskOfOperandsIsALoopWithoutOne() {
    ConvOptions grouped = SAME.groups(2).strides(2, 1);
    mapsAsALoop(SAME, random(0, BATCH, 2, 8, 9, 8), random(1, BATCH, 8, 8, 3, 3));
    mapsAsALoop(grouped, random(2, BATCH, 2, 8, 10, 9), random(3, BATCH, 16, 4, 3, 3));
    mapsAsALoop(SAME.groups(12), random(4, BATCH, 1, 12, 20, 20), random(5, BATCH, 12, 1, 3, 3));
    mapsAsALoop(SAME, random(6, BATCH, 2, 16, 12, 8), random(7, BATCH, 16, 16, 1, 1));
  }

  private void mapsAsALoop(ConvOptions options, Tensor doubleX, Tensor doubleW) {
    Tensor x = doubleX.cast(DType.F32);
    Tensor w = doubleW.cast(DType.F32);
    for (Fn2<Tensor, Tensor, Tensor> f : functions(options)) {
      var both = jit(vmap(f));
      var kernels = jit(vmap(f, in(NONE, 0)));
      var operands = jit(vmap(f, in(0, NONE)));
      for (int i = 0; i < BATCH; i++) {
        assertNear(both.apply(x, w).get(i), f.apply(x.get(i), w.get(i)));
        assertNear(kernels.apply(x.get(0), w).get(i), f.apply(x.get(0), w.get(i)));
        assertNear(operands.apply(x, w.get(0)).get(i), f.apply(x.get(i), w.get(0)));
      }
      if (backend == Choice.NATIVE) {
        for (Object plan :
            List.of(both.plan(x, w), kernels.plan(x.get(0), w), operands.plan(x, w.get(0)))) {
          assertThat(plan.toString())
              .contains("conv_general")
              .doesNotContainPattern("\\d\\. (scan|while)");
        }
      }
    }
  }

  private static void assertNear(Tensor actual, Tensor expected) {
    assertThat(actual.type()).isEqualTo(expected.type());
    assertClose(
        actual.cast(DType.F64), expected.cast(DType.F64), 1e-5 * expected.abs().max().item());
  }

  /** One channel a group too, and one example, whose gradients are shared out differently. */
  @Test
  void gradientsWithGroupsAreThoseOfF64() {
    agreeWithF64(
        new Case(SAME.groups(16), new long[] {2, 16, 20, 19}, new long[] {16, 1, 3, 3}),
        new Case(SAME.groups(16), new long[] {1, 16, 28, 28}, new long[] {16, 1, 3, 3}),
        new Case(SAME.groups(16), new long[] {3, 16, 400}, new long[] {16, 1, 7}),
        new Case(
            SAME.groups(4).dilation(1, 2), new long[] {2, 12, 11, 16}, new long[] {8, 3, 3, 3}),
        new Case(SAME.groups(8).strides(2), new long[] {4, 16, 100}, new long[] {16, 2, 9}));
  }

  /** Results of few channels, also with padding that no transposed convolution has. */
  @Test
  void gradientsOfFewChannelsAreThoseOfF64() {
    ConvOptions last = SAME.layout(Layout.CHANNELS_LAST);
    ConvOptions wide = ConvOptions.DEFAULT.padding(Padding.around(4, 1));
    agreeWithF64(
        new Case(SAME, new long[] {2, 16, 20, 19}, new long[] {3, 16, 3, 3}),
        new Case(SAME.dilation(2, 1), new long[] {1, 16, 20, 19}, new long[] {1, 16, 5, 4}),
        new Case(last, new long[] {2, 19, 20, 16}, new long[] {3, 3, 16, 3}),
        new Case(SAME.strides(2, 2), new long[] {2, 3, 24, 23}, new long[] {32, 3, 5, 5}),
        new Case(wide, new long[] {2, 16, 20, 19}, new long[] {3, 16, 3, 3}));
  }

  private static void agreeWithF64(Case... cases) {
    for (Case c : cases) {
      for (Fn2<Tensor, Tensor, Tensor> f : functions(c.options())) {
        agreesWithF64(f, c);
      }
    }
  }

  private static void agreesWithF64(Fn2<Tensor, Tensor, Tensor> f, Case c) {
    Tensor x = random(0, c.x());
    Tensor w = random(1, c.w());
    Tensor exact = f.apply(x, w);
    Tensor single = f.apply(x.cast(DType.F32), w.cast(DType.F32));
    assertClose(single.cast(DType.F64), exact, 1e-5 * exact.abs().max().item());
  }

  /** What spreads the operand is transposed back: its kernel's gradient spreads nothing. */
  @Test
  void gradientsOfTransposedOnesAreThoseOfF64() {
    ConvOptions last = SAME.layout(Layout.CHANNELS_LAST);
    ConvOptions valid = ConvOptions.DEFAULT;
    List<Case> cases =
        List.of(
            new Case(SAME.strides(2, 2), new long[] {2, 12, 9, 8}, new long[] {6, 12, 4, 4}),
            new Case(SAME.strides(3, 1), new long[] {1, 9, 9, 8}, new long[] {12, 9, 2, 3}),
            new Case(last.strides(2, 2), new long[] {2, 9, 8, 12}, new long[] {3, 3, 12, 6}),
            new Case(valid.strides(2).dilation(2), new long[] {3, 16, 60}, new long[] {16, 16, 3}),
            new Case(SAME.strides(2).groups(2), new long[] {3, 32, 60}, new long[] {32, 16, 3}));
    for (Case c : cases) {
      for (Fn2<Tensor, Tensor, Tensor> f :
          functions((a, b) -> Nn.convTranspose(a, b, c.options()))) {
        agreesWithF64(f, c);
      }
      if (backend == Choice.NATIVE && c.options().groups() == 1) {
        var gradient =
            jit((Tensor a, Tensor b) ->
                grad((Tensor k) -> Nn.convTranspose(a, k, c.options()).square().sum()).apply(b));
        Tensor x = random(0, c.x()).cast(DType.F32);
        Tensor w = random(1, c.w()).cast(DType.F32);
        assertThat(gradient.plan(x, w).toString()).contains("gradient of the kernel");
      }
    }
  }

  /** bf16 is summed in f32 and rounded once: within half a unit of the exact values. */
  @Test
  void bf16IsRoundedOnce() {
    Tensor x = random(0, 4, 8, 12, 10).cast(DType.BF16);
    Tensor w = random(1, 16, 8, 3, 3).cast(DType.BF16);
    Tensor ct = random(2, 4, 16, 12, 10).cast(DType.BF16);
    Fn2<Tensor, Tensor, Tensor> f = (a, b) -> Nn.conv(a, b, SAME);
    assertRounded(f.apply(x, w), f.apply(x.cast(DType.F64), w.cast(DType.F64)));
    Fn2<Tensor, Tensor, Tensor> gradX =
        (b, c) -> Lockstep.vjp((Tensor a) -> f.apply(a, b), x.cast(b.dtype())).pullback().apply(c);
    assertRounded(gradX.apply(w, ct), gradX.apply(w.cast(DType.F64), ct.cast(DType.F64)));
    Fn2<Tensor, Tensor, Tensor> gradW =
        (a, c) -> Lockstep.vjp((Tensor b) -> f.apply(a, b), w.cast(a.dtype())).pullback().apply(c);
    assertRounded(gradW.apply(x, ct), gradW.apply(x.cast(DType.F64), ct.cast(DType.F64)));
    if (backend == Choice.NATIVE) {
      assertThat(jit(f).plan(x, w).toString()).contains("convolution x bf16").contains("y bf16");
    }
  }

  @Test
  void bf16IsMappedOverAnyMaskOfOperands() {
    Tensor x = random(0, BATCH, 2, 8, 12, 10).cast(DType.BF16);
    Tensor w = random(1, BATCH, 16, 8, 3, 3).cast(DType.BF16);
    Fn2<Tensor, Tensor, Tensor> f = (a, b) -> Nn.conv(a, b, SAME);
    Fn2<Tensor, Tensor, Tensor> exact =
        (a, b) -> Nn.conv(a.cast(DType.F64), b.cast(DType.F64), SAME);
    for (int i = 0; i < BATCH; i++) {
      assertRounded(vmap(f).apply(x, w).get(i), exact.apply(x.get(i), w.get(i)));
      assertRounded(
          vmap(f, in(NONE, 0)).apply(x.get(0), w).get(i), exact.apply(x.get(0), w.get(i)));
      assertRounded(
          vmap(f, in(0, NONE)).apply(x, w.get(0)).get(i), exact.apply(x.get(i), w.get(0)));
    }
  }

  private static void assertRounded(Tensor actual, Tensor exact) {
    assertThat(actual.dtype()).isEqualTo(DType.BF16);
    double[] got = actual.cast(DType.F64).toDoubleArray();
    double[] want = exact.toDoubleArray();
    double summing = 1e-5 * exact.abs().max().item();
    for (int i = 0; i < got.length; i++) {
      double half = Math.scalb(1.0, Math.getExponent(Math.abs(want[i]) + summing) - 8);
      assertThat(Math.abs(got[i] - want[i]))
          .as("%s, %s", got[i], want[i])
          .isLessThan(half + summing);
    }
  }

  @Test
  void gradientsOfBf16LeakNothing() {
    Tensor x = random(0, 4, 8, 16, 16).cast(DType.BF16);
    Tensor w = random(1, 16, 8, 3, 3).cast(DType.BF16);
    Fn<Tensor, Tensor> step =
        jit(grad((Tensor k) -> Nn.conv(x, k, SAME).cast(DType.F32).square().sum()));
    float[] expected = step.apply(w).toFloatArray();
    LiveMemory.assertNothingIsLeft(
        20, () -> assertThat(step.apply(w).toFloatArray()).isEqualTo(expected));
  }
}
