package dev.lockstep;

import static dev.lockstep.Control.scan;
import static dev.lockstep.Derivatives.checkGrads;
import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.vjp;
import static dev.lockstep.Lockstep.vmap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.DTypeException;
import dev.lockstep.runtime.Backends;
import dev.lockstep.tensor.AttentionOptions;
import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.PoolOptions;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Transforms of functions on bf16. */
class Bf16Test extends EveryBackend {
  /** One rounding of numbers up to 8. */
  private static final double ROUNDING = 8 * DType.BF16.epsilon();

  private static Tensor bf16(int seed, long... extents) {
    return Tensors.random(seed, extents).cast(DType.BF16);
  }

  private static Tensor wide(Tensor x) {
    return x.cast(DType.F32);
  }

  @Test
  void gradientsAreThoseOfF32ToARounding() {
    Tensor x = bf16(0, 3, 4);
    Tensor w = bf16(1, 4, 2);
    List<Fn<Tensor, Tensor>> functions =
        List.of(
            t -> t.sin().mul(t).sum(),
            t -> t.matmul(w).tanh().sum(),
            t -> t.softmax(-1).square().sum(),
            t -> t.transpose().max(0).sum(),
            t -> Tensor.where(t.greater(0.0), t, t.mul(0.5)).sum(),
            t -> Nn.layerNorm(t, bf16(2, 4), bf16(3, 4), 1e-5).mul(bf16(4, 4)).sum(),
            t -> t.logSumExp(),
            t -> t.cumSum(0).prod(1).sum(),
            t -> t.sort(1).slice(new long[] {0, 1}, new long[] {3, 3}).square().mean());
    for (int i = 0; i < functions.size(); i++) {
      Tensor gradient = grad(functions.get(i)).apply(x);
      Tensor expected = grad(functions.get(i)).apply(wide(x));
      assertThat(gradient.type()).isEqualTo(x.type());
      double[] got = gradient.toDoubleArray();
      double[] want = expected.toDoubleArray();
      for (int j = 0; j < got.length; j++) {
        double scale = Math.max(1, Math.abs(want[j]));
        assertThat(Math.abs(got[j] - want[j])).as("function " + i).isLessThan(ROUNDING * scale);
      }
    }
  }

  @Test
  void allDerivativesKeepTheDtype() {
    Tensor x = bf16(0, 3);
    Fn<Tensor, Tensor> f = t -> t.square().mul(t);
    Tensor ones = Tensor.ones(DType.BF16, 3);
    assertThat(jvp(f, x, ones).tangent().dtype()).isEqualTo(DType.BF16);
    assertThat(vjp(f, x).pullback().apply(ones).dtype()).isEqualTo(DType.BF16);
    Tensor diagonal = x.square().mul(3.0);
    for (Tensor jacobian : List.of(jacfwd(f).apply(x), jacrev(f).apply(x))) {
      assertThat(jacobian.dtype()).isEqualTo(DType.BF16);
      Tensors.assertClose(jacobian.diagonal(), diagonal, ROUNDING * 2);
      assertThat(jacobian.sum().item()).isEqualTo(jacobian.diagonal().sum().item());
    }
    Tensor second = hessian((Tensor t) -> t.square().mul(t).sum()).apply(x);
    assertThat(second.dtype()).isEqualTo(DType.BF16);
    Tensors.assertClose(second.diagonal(), x.mul(6.0), ROUNDING * 2);
  }

  @Test
  void checkGradsComparesWithDifferencesOfF32() {
    Tensor w = bf16(1, 4, 2);
    checkGrads((Tensor t) -> t.matmul(w).tanh(), bf16(0, 3, 4));
    checkGrads((Tensor t) -> t.exp().mul(t).sum(), bf16(2, 5));
    assertThatThrownBy(() -> checkGrads((Tensor t) -> t.cast(DType.BF16).sin(), wide(w)))
        .isInstanceOf(DTypeException.class)
        .hasMessageContaining("checkGrads: the function casts to bf16");
  }

  /** Weights in f32, a product in bf16, the loss in f32: the gradient is f32. */
  @Test
  void mixedPrecision() {
    Tensor x = bf16(0, 6, 4);
    Tensor w = wide(bf16(1, 4, 3));
    Fn<Tensor, Tensor> loss = t -> wide(x.matmul(t.cast(DType.BF16)).relu()).square().mean();
    Tensor gradient = jit(grad(loss)).apply(w);
    assertThat(gradient.dtype()).isEqualTo(DType.F32);
    Tensor expected = grad((Tensor t) -> wide(x).matmul(t).relu().square().mean()).apply(w);
    Tensors.assertClose(gradient, expected, ROUNDING);
    for (float element : gradient.toFloatArray()) {
      assertThat((double) element).isEqualTo(BFloat16.round(element));
    }
  }

  @Test
  void batchesAreLoops() {
    Tensor x = bf16(0, 5, 3, 4);
    Tensor w = bf16(1, 5, 4, 2);
    List<Fn2<Tensor, Tensor, Tensor>> functions =
        List.of(
            (a, b) -> a.matmul(b).sin(),
            (a, b) -> grad((Tensor t) -> t.matmul(b).tanh().sum()).apply(a),
            (a, b) -> a.softmax(-1).matmul(b).cumSum(0),
            (a, b) -> scan((c, r) -> step(c, r), b.sum(1), a).ys());
    for (Fn2<Tensor, Tensor, Tensor> f : functions) {
      Tensor both = vmap(f).apply(x, w);
      Tensor one = vmap(f, in(0, NONE)).apply(x, w.get(0));
      for (int i = 0; i < 5; i++) {
        Tensor expected = f.apply(x.get(i), w.get(i));
        assertThat(both.get(i).type()).isEqualTo(expected.type());
        Tensors.assertClose(both.get(i), expected, ROUNDING);
        Tensors.assertClose(one.get(i), f.apply(x.get(i), w.get(0)), ROUNDING);
      }
    }
  }

  private static Step<Tensor, Tensor> step(Tensor carry, Tensor row) {
    Tensor next = carry.mul(0.5).add(row);
    return new Step<>(next, next.sin());
  }

  @Test
  void compiledIsEager() {
    Tensor x = bf16(0, 7, 5);
    List<Fn<Tensor, Tensor>> functions =
        List.of(
            t -> t.mul(t).add(0.1).sin().sub(t),
            t -> t.sum(0).div(t.max(0)).mul(t),
            grad((Tensor t) -> t.exp().mul(t).sum()),
            vmap(t -> t.mul(1.0 / 3).add(t.sum())));
    for (Fn<Tensor, Tensor> f : functions) {
      assertThat(jit(f).apply(x).toBf16Array()).isEqualTo(f.apply(x).toBf16Array());
    }
  }

  @Test
  void networksCompiledAreEager() {
    Tensor x = bf16(0, 24, 16);
    Tensor w = bf16(1, 16, 20);
    Tensor bias = bf16(2, 20);
    Tensor residual = bf16(3, 24, 20);
    Tensor scale = bf16(4, 16);
    Tensor image = bf16(5, 8, 8, 12, 12);
    Tensor kernel = bf16(6, 16, 8, 3, 3);
    List<Fn<Tensor, Tensor>> functions =
        List.of(
            t -> t.matmul(w).add(bias).relu(),
            t -> t.matmul(w).add(bias).add(residual).gelu(),
            t -> t.add(Nn.layerNorm(t, scale, scale, 1e-5).matmul(w).matmul(w.transpose())),
            t -> Nn.rmsNorm(t, scale, 1e-5).softmax(-1).mul(scale),
            vmap(t -> w.transpose().matmul(t).add(bias).tanh()),
            t -> Nn.conv(image.mul(t.get(0).get(0)), kernel).add(scale.reshape(16, 1, 1)).relu());
    for (int i = 0; i < functions.size(); i++) {
      Fn<Tensor, Tensor> f = functions.get(i);
      short[] compiled = jit(f).apply(x).toBf16Array();
      assertThat(compiled).as("function " + i).isEqualTo(f.apply(x).toBf16Array());
    }
  }

  record Layer(Tensor w, Tensor bias) {}

  /** Of a network and its gradient no step does nothing but convert what is as large as x. */
  @Test
  void plansOnlyConvertSums() {
    Layer layer = new Layer(bf16(1, 16, 20), bf16(2, 20));
    Tensor x = bf16(0, 24, 16);
    Tensor y = bf16(3, 24, 20);
    Fn2<Layer, Tensor, Tensor> loss =
        (l, t) -> t.matmul(l.w()).add(l.bias()).relu().sub(y).square().mean();
    assertThat(jit(loss).plan(layer, x).steps())
        .noneMatch(step -> step.computes().equals(List.of("cast")));
    for (var step : jit(grad(loss)).plan(layer, x).steps()) {
      if (step.computes().equals(List.of("cast"))) {
        assertThat(step.reads().getFirst()).isEqualTo(TensorType.of(DType.F32, 20));
      }
    }
  }

  @Test
  void loopsCarryIt() {
    Tensor x = bf16(0, 20);
    Tensor last = scan((c, r) -> step(c, r), Tensor.zeros(DType.BF16), x).carry();
    double carry = 0;
    for (double element : x.toDoubleArray()) {
      carry = BFloat16.round((float) (BFloat16.round(carry * 0.5) + element));
    }
    assertThat(last.item()).isEqualTo(carry);
    Tensor gradient =
        grad((Tensor t) -> scan((c, r) -> step(c, r), Tensor.zeros(DType.BF16), t).carry())
            .apply(x);
    assertThat(gradient.type()).isEqualTo(x.type());
    assertThat(gradient.get(19).item()).isEqualTo(1);
    assertThat(gradient.get(18).item()).isEqualTo(0.5);
  }

  @Test
  void networksRoundAtTheEnd() {
    Tensor q = bf16(0, 2, 6, 8);
    Tensor k = bf16(1, 2, 6, 8);
    Tensor v = bf16(2, 2, 6, 8);
    Tensor attended = Nn.attention(q, k, v, AttentionOptions.causal());
    assertThat(attended.dtype()).isEqualTo(DType.BF16);
    Tensors.assertClose(
        wide(attended), Nn.attention(wide(q), wide(k), wide(v), AttentionOptions.causal()), 0.02);
    Tensor image = bf16(3, 2, 3, 9, 9);
    Tensor kernel = bf16(4, 4, 3, 3, 3);
    Tensor convolved = Nn.conv(image, kernel);
    assertThat(convolved.dtype()).isEqualTo(DType.BF16);
    Tensors.assertClose(
        convolved, Nn.conv(wide(image), wide(kernel)).cast(DType.BF16), 32 * DType.BF16.epsilon());
    Tensor gradient =
        grad((Tensor t) -> Nn.attention(t, k, v, AttentionOptions.causal()).sum()).apply(q);
    assertThat(gradient.type()).isEqualTo(q.type());
    Tensors.assertClose(
        wide(gradient),
        grad((Tensor t) -> Nn.attention(t, wide(k), wide(v), AttentionOptions.causal()).sum())
            .apply(wide(q)),
        0.05);
  }

  /** Values are rounded once, gradients where cotangents of several uses meet. */
  @Test
  void methodsOfSeveralOpsAreThoseOfF64ToRoundings() {
    Tensor scale = bf16(11, 6);
    Tensor bias = bf16(12, 6);
    Tensor labels = Tensor.of(0, 3, 5, 1);
    Tensor keep = bf16(13, 4, 6).greater(-0.5);
    List<Fn<Tensor, Tensor>> functions =
        List.of(
            t -> t.softmax(-1),
            t -> t.softmax(0),
            t -> t.logSoftmax(-1),
            t -> t.logSumExp(1),
            t -> Nn.layerNorm(t, scale, bias, 1e-5),
            t -> Nn.rmsNorm(t, scale, 1e-6),
            t -> Nn.batchNorm(t, 1, scale, bias, bias, scale.abs(), 0.9, 1e-5).y(),
            t -> Nn.batchNorm(t, 1, scale, bias, bias, scale.abs(), 0.9, 1e-5).variance(),
            t -> Nn.batchNormInference(t, 1, scale, bias, bias, scale.abs(), 1e-5),
            t -> Nn.crossEntropy(t, labels),
            t -> Nn.sigmoidBinaryCrossEntropy(t, keep.cast(DType.BF16)),
            t -> Nn.dropout(t, keep, 0.3),
            t -> Nn.oneHot(labels, 6, DType.BF16).mul(t),
            t -> Nn.embedding(t, Tensor.of(1, 3, 1, 0, 1)),
            t -> Nn.maxPool(t.reshape(1, 1, 4, 6), PoolOptions.of(2, 2)),
            t -> Nn.avgPool(t.reshape(1, 1, 4, 6), PoolOptions.of(2, 3)),
            t -> Nn.conv(t.reshape(1, 1, 4, 6), bf16(14, 2, 1, 3, 3)),
            t -> t.gelu(),
            t -> t.silu(),
            t -> t.softplus(),
            t -> t.mean(0),
            t -> t.std(0),
            t -> t.norm(1),
            t -> t.cumSum(0));
    Tensor x = bf16(15, 4, 6);
    Tensor xs = bf16(16, 3, 4, 6);
    for (int i = 0; i < functions.size(); i++) {
      Fn<Tensor, Tensor> f = functions.get(i);
      Fn<Tensor, Tensor> gradient = grad((Tensor t) -> weighted(f.apply(t)));
      assertRounded("value " + i, f, x, 1);
      assertRounded("compiled value " + i, jit(f), x, 1);
      assertRounded("mapped value " + i, jit(vmap(f)), xs, 1);
      assertRounded("gradient " + i, jit(gradient), x, 3);
      assertRounded("mapped gradient " + i, jit(vmap(gradient)), xs, 3);
    }
  }

  private static Tensor weighted(Tensor y) {
    return y.mul(bf16(17, y.shape().extents())).sum();
  }

  /** Expects what f64 gives for the same elements, but for roundings of the largest element. */
  private static void assertRounded(String what, Fn<Tensor, Tensor> f, Tensor x, int roundings) {
    Tensor got = f.apply(x);
    Tensor exact = f.apply(x.cast(DType.F64));
    assertThat(got.dtype()).as(what).isEqualTo(DType.BF16);
    assertThat(exact.dtype()).as(what).isEqualTo(DType.F64);
    double distance = got.cast(DType.F64).sub(exact).abs().max().item();
    double rounding = DType.BF16.epsilon() / 2 * exact.abs().max().item();
    assertThat(distance).as(what).isLessThanOrEqualTo(roundings * rounding + 1e-6);
  }

  @Test
  void optimizersKeepIt() {
    Tensor parameters = bf16(0, 4);
    Tensor gradients = bf16(1, 4);
    for (Optimizer optimizer :
        List.of(
            Optimizers.sgd(Schedules.constant(0.1)), Optimizers.adam(Schedules.constant(0.1)))) {
      var updated = optimizer.update(parameters, gradients, optimizer.init(parameters));
      assertThat(updated.parameters().type()).isEqualTo(parameters.type());
      assertThat(updated.parameters().toFloatArray()).isNotEqualTo(parameters.toFloatArray());
    }
  }

  @Test
  void nothingIsLeftInMemory() {
    Fn2<Tensor, Tensor, Tensor> loss = (w, x) -> w.matmul(x).tanh().square().sum();
    var compiled = jit(vmap(grad(loss), in(NONE, 0)));
    Tensor w = bf16(0, 30, 40);
    Tensor x = bf16(1, 50, 40);
    LiveMemory.assertNothingIsLeft(
        20,
        () -> {
          compiled.apply(w, x);
          grad(loss).apply(w, x.get(0)).toFloatArray();
        });
  }

  @Test
  void threadsGiveTheSame() throws Exception {
    Fn2<Tensor, Tensor, Tensor> loss = (w, x) -> w.matmul(x).tanh().square().sum();
    Fn2<Tensor, Tensor, Tensor> compiled = jit(vmap(grad(loss), in(NONE, 0)));
    Tensor w = bf16(0, 3, 4);
    Tensor x = bf16(1, 5, 4);
    short[] expected = compiled.apply(w, x).toBf16Array();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        done.add(
            threads.submit(() ->
                Backends.with(
                    backend.backend(),
                    () -> {
                      for (int i = 0; i < 30; i++) {
                        assertThat(compiled.apply(w, x).toBf16Array()).isEqualTo(expected);
                      }
                      return null;
                    })));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
  }
}
