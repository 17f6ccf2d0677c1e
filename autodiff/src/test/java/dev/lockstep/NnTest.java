package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vjp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertDerivativesAreDifferences;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.runtime.Backend;
import dev.lockstep.runtime.Backends;
import dev.lockstep.tensor.BatchNorm;
import dev.lockstep.tensor.ConvOptions;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Layout;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Padding;
import dev.lockstep.tensor.PoolOptions;
import dev.lockstep.tensor.Scope;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Values of convolutions beyond the golden files are those of JAX 0.10.2. */
class NnTest extends EveryBackend {
  private static final ConvOptions CONV = ConvOptions.DEFAULT;

  private static Tensor counted(double from, double by, long... shape) {
    long size = 1;
    for (long extent : shape) {
      size *= extent;
    }
    return Tensor.arange((double) size).mul(by).add(from).reshape(shape);
  }

  @Test
  void transposedConvolution() {
    Tensor x = counted(-2, 1, 1, 1, 2, 3);
    Tensor w = counted(-1, 0.5, 2, 1, 2, 2);
    Tensor same = Nn.convTranspose(x, w, CONV.strides(2, 2).padding(Padding.SAME));
    assertThat(same.shape().extents()).containsExactly(1, 2, 4, 6);
    assertEqual(
        same.slice(new long[] {0, 0, 0, 0}, new long[] {1, 1, 2, 6}),
        -1.0,
        0.0,
        -0.5,
        0.0,
        0.0,
        0.0,
        1.0,
        2.0,
        0.5,
        1.0,
        0.0,
        0.0);
    assertEqual(
        Nn.convTranspose(x, w, CONV.strides(2, 1)),
        -1.0,
        -0.5,
        0.0,
        0.0,
        1.0,
        2.5,
        1.0,
        0.0,
        0.5,
        1.0,
        1.5,
        0.0,
        -0.5,
        -2.0,
        -3.5,
        -3.0,
        -5.0,
        -6.5,
        -2.0,
        0.0,
        -3.0,
        -3.5,
        -1.0,
        0.0,
        2.5,
        7.0,
        11.5,
        6.0,
        1.5,
        4.0,
        6.5,
        3.0);
    Padding padding = Padding.of(new long[] {1, 0}, new long[] {0, 2});
    assertEqual(
        Nn.convTranspose(x, w, CONV.strides(1, 2).dilation(1, 2).padding(padding)),
        -0.5,
        0.0,
        0.0,
        0.0,
        0.0,
        3.5,
        0.0,
        2.5,
        0.0,
        0.0,
        -6.5,
        0.0,
        -2.0,
        0.0,
        0.0,
        3.5,
        0.0,
        10.5,
        0.0,
        6.0);
  }

  @Test
  void oneAndThreeAxesAndChannelsLast() {
    ConvOptions last = CONV.layout(Layout.CHANNELS_LAST);
    Tensor sequences = counted(0, 1, 1, 4, 2);
    Tensor kernel = counted(-5, 1, 3, 2, 2);
    assertEqual(
        Nn.conv(sequences, kernel, last.strides(2).padding(Padding.SAME)),
        35.0,
        50.0,
        -34.0,
        -12.0);
    Padding padding = Padding.of(new long[] {2}, new long[] {1});
    assertEqual(
        Nn.conv(sequences, kernel, last.dilation(2).padding(padding)),
        38.0,
        48.0,
        54.0,
        72.0,
        -2.0,
        8.0);
    Tensor volume = counted(0, 1, 1, 1, 2, 2, 2);
    assertEqual(Nn.conv(volume, Tensor.ones(DType.F64, 1, 1, 2, 1, 2)), 10.0, 18.0);
  }

  @Test
  void layoutsAgree() {
    Tensor x = random(0, 2, 5, 6, 4);
    Tensor w = random(1, 3, 2, 2, 6);
    ConvOptions options = CONV.strides(2, 1).padding(Padding.SAME).dilation(1, 2).groups(2);
    Tensor last = Nn.conv(x, w, options.layout(Layout.CHANNELS_LAST));
    Tensor first = Nn.conv(x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1), options);
    assertClose(last, first.transpose(0, 2, 3, 1));
    PoolOptions pool = PoolOptions.of(3, 2).strides(2, 2).padding(Padding.around(1, 1));
    assertClose(
        Nn.maxPool(x, pool.layout(Layout.CHANNELS_LAST)),
        Nn.maxPool(x.transpose(0, 3, 1, 2), pool).transpose(0, 2, 3, 1));
  }

  @Test
  void convolutionIsMappedOverAnyMaskOfOperands() {
    Tensor x = random(0, 3, 2, 4, 5, 4);
    Tensor w = random(1, 3, 6, 2, 2, 3);
    Fn2<Tensor, Tensor, Tensor> f =
        (a, b) -> Nn.conv(a, b, CONV.groups(2).padding(Padding.SAME).strides(1, 2));
    Tensor both = vmap(f).apply(x, w);
    Tensor kernels = vmap(f, in(NONE, 0)).apply(x.get(0), w);
    Tensor images = vmap(f, in(0, NONE)).apply(x, w.get(0));
    for (int i = 0; i < 3; i++) {
      assertClose(both.get(i), f.apply(x.get(i), w.get(i)));
      assertClose(kernels.get(i), f.apply(x.get(0), w.get(i)));
      assertClose(images.get(i), f.apply(x.get(i), w.get(0)));
    }
  }

  @Test
  void derivativesAreThoseOfDifferences() {
    Tensor w = random(1, 2, 2, 2, 3);
    Fn<Tensor, Tensor> conv = x -> Nn.conv(x, w, CONV.strides(2, 1).padding(Padding.SAME));
    Fn<Tensor, Tensor> spread = x -> Nn.convTranspose(x, w, CONV.strides(2, 3)).sin();
    PoolOptions pool = PoolOptions.of(2, 3).strides(1, 2).padding(Padding.SAME);
    Fn<Tensor, Tensor> max = x -> Nn.maxPool(x, pool).square();
    Fn<Tensor, Tensor> min = x -> Nn.minPool(x, pool);
    Fn<Tensor, Tensor> mean = x -> Nn.avgPool(x, pool.withoutCountingPadding()).sin();
    Tensor x = random(0, 1, 2, 3, 4);
    for (Fn<Tensor, Tensor> f : List.of(conv, spread, max, min, mean)) {
      assertDerivativesAreDifferences(f, x);
    }
  }

  /** Large enough for the library's convolutions, whose f32 values and gradients are f64's. */
  @Test
  void largeConvolutionsOfF32AreThoseOfF64() {
    record Case(ConvOptions options, long[] x, long[] w) {}
    ConvOptions same = CONV.padding(Padding.SAME);
    List<Case> cases =
        List.of(
            new Case(same, new long[] {3, 8, 9, 10}, new long[] {16, 8, 3, 3}),
            new Case(same.strides(2, 3), new long[] {2, 6, 13, 17}, new long[] {24, 6, 3, 4}),
            new Case(CONV.strides(2, 2), new long[] {2, 8, 12, 12}, new long[] {16, 8, 3, 3}),
            new Case(same.dilation(2, 1), new long[] {17, 3, 10, 9}, new long[] {8, 3, 3, 5}),
            new Case(same.groups(4), new long[] {2, 16, 12, 9}, new long[] {32, 4, 3, 3}),
            new Case(
                same.groups(4).strides(2, 1), new long[] {2, 16, 12, 9}, new long[] {32, 4, 3, 3}),
            new Case(same, new long[] {4, 8, 100}, new long[] {16, 8, 5}),
            new Case(
                same.strides(1, 2, 1), new long[] {2, 4, 5, 6, 7}, new long[] {8, 4, 3, 3, 3}));
    for (Case c : cases) {
      Tensor x = random(0, c.x());
      Tensor w = random(1, c.w());
      for (boolean transposed : new boolean[] {false, true}) {
        if (transposed && c.options().groups() > 1) {
          continue;
        }
        Fn2<Tensor, Tensor, Tensor> f =
            transposed
                ? (a, b) -> Nn.convTranspose(a, b, c.options())
                : (a, b) -> Nn.conv(a, b, c.options());
        Fn2<Tensor, Tensor, Tensor> loss = (a, b) -> f.apply(a, b).square().mean();
        assertSingle(f, x, w);
        assertSingle(grad(loss), x, w);
        assertSingle((a, b) -> grad((Tensor k) -> loss.apply(a, k)).apply(b), x, w);
      }
    }
  }

  private static void assertSingle(Fn2<Tensor, Tensor, Tensor> f, Tensor x, Tensor w) {
    Tensor single = f.apply(x.cast(DType.F32), w.cast(DType.F32));
    Tensor exact = f.apply(x, w);
    double largest = exact.abs().max().item();
    assertThat(single.dtype()).isEqualTo(DType.F32);
    assertClose(single.cast(DType.F64), exact, 1e-5 * largest);
  }

  @Test
  void channelsLastGoToTheLibraryAsTheyAre() {
    Tensor x = random(0, 3, 9, 10, 8).cast(DType.F32);
    Tensor w = random(1, 3, 3, 8, 16).cast(DType.F32);
    ConvOptions options = CONV.padding(Padding.SAME).strides(2, 1);
    Fn2<Tensor, Tensor, Tensor> first =
        (a, b) -> Nn.conv(a.transpose(0, 3, 1, 2), b.transpose(3, 2, 0, 1), options);
    Fn2<Tensor, Tensor, Tensor> last =
        (a, b) -> Nn.conv(a, b, options.layout(Layout.CHANNELS_LAST));
    assertClose(last.apply(x, w), first.apply(x, w).transpose(0, 2, 3, 1), 1e-4);
    Tensor expected = grad((Tensor b) -> first.apply(x, b).square().mean()).apply(w);
    assertClose(grad((Tensor b) -> last.apply(x, b).square().mean()).apply(w), expected, 1e-5);
  }

  @Test
  void theFirstOfEqualElementsTakesTheDerivative() {
    Tensor x = Tensor.of(new double[] {1, 1, 0, 1}, Shape.of(1, 1, 4));
    Fn<Tensor, Tensor> f = t -> Nn.maxPool(t, PoolOptions.of(2)).sum();
    assertEqual(grad(f).apply(x), 1.0, 1.0, 0.0, 1.0);
  }

  @Test
  void largestElementsSeeNoPaddingAndKeepNan() {
    double nan = Double.NaN;
    double low = Double.NEGATIVE_INFINITY;
    Tensor x = Tensor.of(new double[] {low, low, 2, nan, 3, nan}, Shape.of(1, 1, 6));
    PoolOptions options = PoolOptions.of(3).strides(3).padding(Padding.around(1));
    assertEqual(Nn.maxPool(x, options), low, nan);
    Fn<Tensor, Tensor> f = t -> Nn.maxPool(t, options).sum();
    assertEqual(grad(f).apply(x), 1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
    PoolOptions beyond = PoolOptions.of(1).padding(Padding.around(1));
    Tensor whole = Tensor.of(7).reshape(1, 1, 1);
    assertEqual(Nn.maxPool(whole, beyond), Integer.MIN_VALUE, 7, Integer.MIN_VALUE);
  }

  @Test
  void poolingsAreMappedAsALoopMapsThem() {
    Tensor x = random(0, 2, 3, 4, 5, 6);
    Tensor ct = random(1, 3, 4, 3, 5);
    PoolOptions options = PoolOptions.of(3, 2).strides(2, 1).padding(Padding.around(1, 0));
    List<Fn<Tensor, Tensor>> poolings =
        List.of(
            t -> Nn.maxPool(t, options),
            t -> Nn.minPool(t, options),
            t -> Nn.avgPool(t, options),
            t -> Nn.avgPool(t, options.withoutCountingPadding()));
    for (Fn<Tensor, Tensor> f : poolings) {
      Fn2<Tensor, Tensor, Tensor> pull = (a, b) -> vjp(f, a).pullback().apply(b);
      Tensor mapped = vmap(f).apply(x);
      Tensor images = vmap(pull, in(0, NONE)).apply(x, ct);
      Tensor shared = vmap(pull, in(NONE, 0)).apply(x.get(0), ct.expandDims(0).repeat(2, 0));
      Tensor last = vmap(f, in(4)).apply(x.transpose(1, 2, 3, 4, 0));
      for (int i = 0; i < 2; i++) {
        assertClose(mapped.get(i), f.apply(x.get(i)));
        assertClose(images.get(i), pull.apply(x.get(i), ct));
        assertClose(shared.get(i), pull.apply(x.get(0), ct));
        assertClose(last.get(i), f.apply(x.get(i)));
      }
    }
  }

  @Test
  void averagesCountPaddingOrNot() {
    Tensor x = counted(1, 1, 1, 1, 3);
    PoolOptions options = PoolOptions.of(2).strides(2).padding(Padding.SAME);
    assertEqual(Nn.avgPool(x, options), 1.5, 1.5);
    assertEqual(Nn.avgPool(x, options.withoutCountingPadding()), 1.5, 3.0);
    Tensor whole = Tensor.of(1, -5, 3).reshape(1, 1, 3);
    assertEqual(Nn.maxPool(whole, options), 1, 3);
  }

  @Test
  void normalisations() {
    Tensor x = Tensor.of(1.0, 2.0, 3.0, 6.0).reshape(2, 2);
    Tensor one = Tensor.ones(DType.F64, 2);
    Tensor zero = Tensor.zeros(DType.F64, 2);
    assertClose(Nn.rmsNorm(x, one, 0).square().sum(), 4);
    assertClose(
        Nn.layerNorm(x, one.mul(2.0), one, 0), Tensor.of(-1.0, 3.0, -1.0, 3.0).reshape(2, 2));
    BatchNorm normed = Nn.batchNorm(x, -1, one, zero, zero, one, 0.9, 0);
    assertClose(normed.y(), Tensor.of(-1.0, -1.0, 1.0, 1.0).reshape(2, 2));
    assertClose(normed.mean(), Tensor.of(0.2, 0.4));
    assertClose(normed.variance(), Tensor.of(1.0, 1.3));
    Tensor again = Nn.batchNormInference(x, 1, one, zero, Tensor.of(2.0, 4.0), one, 0);
    assertClose(again, Tensor.of(-1.0, -2.0, 1.0, 2.0).reshape(2, 2));
  }

  @Test
  void batchNormOfAVectorTakesEachEntryAsAChannel() {
    Tensor x = Tensor.of(1.0, 5.0, -2.0);
    Tensor scale = Tensor.of(2.0, 3.0, 4.0);
    Tensor bias = Tensor.of(0.5, 0.25, 0.125);
    Tensor one = Tensor.ones(DType.F64, 3);
    BatchNorm normed = Nn.batchNorm(x, 0, scale, bias, one, one, 0.5, 1e-3);
    assertClose(normed.y(), bias);
    assertClose(normed.mean(), Tensor.of(1.0, 3.0, -0.5));
    assertClose(normed.variance(), Tensor.of(0.5, 0.5, 0.5));
    Fn<Tensor, Tensor> f =
        row -> Nn.batchNorm(row, 0, scale, bias, one, one, 0.5, 1e-3).mean().sum();
    assertClose(vmap(grad(f)).apply(random(4, 2, 3)), Tensor.full(DType.F64, 0.5, 2, 3));
  }

  @Test
  void dropoutKeepsTheExpectation() {
    Tensor x = Tensor.of(1.0, 2.0, 3.0);
    Tensor keep = Tensor.of(true, false, true);
    assertEqual(Nn.dropout(x, keep, 0.5), 2.0, 0.0, 6.0);
    assertThatThrownBy(() -> Nn.dropout(x, keep, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dropout: expected a rate in [0, 1), got 1.0");
    Tensor ones = Tensor.ones(DType.F64, 100, 100);
    Tensor dropped = Nn.dropout(ones, Key.of(0), 0.25);
    assertClose(dropped, Nn.dropout(ones, Key.of(0).bernoulli(0.75, 100, 100), 0.25));
    assertThat(dropped.mean().item()).isCloseTo(1, within(0.02));
    assertThatThrownBy(() -> Nn.dropout(x, x, 0.5))
        .isInstanceOf(DTypeException.class)
        .hasMessage(
            "dropout: expected bool where to keep, got f64[3]. Compare it: keep.notEqual(0)");
    assertThatThrownBy(() -> Nn.dropout(x, Tensor.of(true, false), 0.5))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("dropout: ");
    assertThatThrownBy(() -> Nn.dropout(x, Key.of(0).split(3), 0.5))
        .isInstanceOf(ShapeException.class)
        .hasMessage("dropout: expected one key, got [3] keys. Take one: keys.get(0)");
    assertThatThrownBy(() -> Nn.dropout(x, Key.of(0), -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void lossesAndLookUp() {
    Tensor logits = Tensor.of(0.0, Math.log(3), 1000.0, 0.0).reshape(2, 2);
    Tensor labels = Tensor.of(1, 0);
    assertClose(Nn.crossEntropy(logits, labels), Tensor.of(Math.log(4.0 / 3), 0.0));
    assertClose(
        Nn.crossEntropy(logits, Nn.oneHot(labels, 2, DType.F64)),
        Tensor.of(Math.log(4.0 / 3), 0.0));
    assertClose(
        Nn.sigmoidBinaryCrossEntropy(Tensor.of(0.0, 1000.0), Tensor.of(1.0, 0.0)),
        Tensor.of(Math.log(2), 1000.0));
    Tensor table = counted(0, 1, 3, 2);
    assertEqual(Nn.embedding(table, Tensor.of(2, 2, 0)), 4, 5, 4, 5, 0, 1);
    Fn<Tensor, Tensor> f = t -> Nn.embedding(t, Tensor.of(2, 2, 0)).sum();
    assertEqual(grad(f).apply(table), 1, 1, 0, 0, 2, 2);
  }

  @Test
  void errorsSayWhatFits() {
    Tensor x = Tensor.zeros(2, 3, 8);
    assertThatThrownBy(() -> Nn.conv(x, Tensor.zeros(4, 2, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining(
            "conv: expected x with in channels and w [out, in / groups, kernel…], out a multiple"
                + " of groups, got f32[2, 3, 8], f32[4, 2, 3] and 1 groups");
    assertThatThrownBy(() -> Nn.conv(x.get(0), Tensor.zeros(4, 3, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("Add the axis of one example with x.expandDims(0)");
    assertThatThrownBy(() -> Nn.conv(x, Tensor.zeros(4, 3, 3), CONV.strides(1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("conv: expected strides of 1 or more for 1 spatial axes, got [1, 2]");
    Tensor flags = Tensor.full(DType.BOOL, 1, 2, 3, 8);
    assertThatThrownBy(() -> Nn.conv(flags, flags))
        .isInstanceOf(DTypeException.class)
        .hasMessageContaining("conv: not defined for bool, got bool[2, 3, 8] and bool[2, 3, 8]");
    assertThatThrownBy(() -> Nn.maxPool(flags, PoolOptions.of(2)))
        .isInstanceOf(DTypeException.class)
        .hasMessageContaining("maxPool: not defined for bool");
    assertThatThrownBy(() -> Nn.maxPool(x, PoolOptions.of(2, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("maxPool: expected examples, channels and 2 spatial axes");
    assertThatThrownBy(() -> Nn.avgPool(x, PoolOptions.of(2, 2, 2, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("avgPool: expected windows along 1 to 3 axes, got [2, 2, 2, 2]");
    assertThatThrownBy(() -> Nn.layerNorm(x, Tensor.ones(7), Tensor.ones(8), 0))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("got f32[7] for f32[2, 3, 8]");
    assertThat(Nn.crossEntropy(Tensor.zeros(0, 0), Tensor.of(new int[0])).size()).isZero();
    assertThatThrownBy(() -> Nn.crossEntropy(Tensor.zeros(2, 0), Tensor.of(1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("crossEntropy: expected at least one class, got logits f32[2, 0]");
    assertThatThrownBy(() -> Nn.crossEntropy(x, Tensor.of(1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("crossEntropy: expected labels of shape [2, 3]");
  }

  @Test
  void nothingLeaksAndThreadsAgree() throws Exception {
    Tensor x = random(0, 4, 6, 12, 12).cast(DType.F32);
    Tensor w = random(1, 8, 6, 3, 3).cast(DType.F32);
    Fn<Tensor, Tensor> loss =
        k -> Nn.maxPool(Nn.conv(x, k), PoolOptions.of(2, 2).strides(2, 2)).square().sum();
    Fn<Tensor, Tensor> step = jit(grad(loss));
    float[] expected = step.apply(w).toFloatArray();
    LiveMemory.assertNothingIsLeft(
        50, () -> assertThat(step.apply(w).toFloatArray()).isEqualTo(expected));
    onEightThreads(() -> step.apply(w).toFloatArray(), expected);
  }

  private void onEightThreads(Supplier<float[]> call, float[] expected) throws Exception {
    Backend chosen = backend.backend();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        results.add(
            threads.submit(() ->
                Backends.with(
                    chosen,
                    () -> {
                      try (Scope _ = Scope.open()) {
                        return call.get();
                      }
                    })));
      }
      for (Future<float[]> result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
    }
  }
}
