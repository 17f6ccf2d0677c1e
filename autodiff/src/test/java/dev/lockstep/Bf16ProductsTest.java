package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.program.PlanReport;
import dev.lockstep.runtime.Backends;
import dev.lockstep.tensor.AttentionOptions;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Products and attention of bf16: results are those of exact arithmetic on the same operands,
 * rounded once, and up to what f32 sums differ from it.
 */
class Bf16ProductsTest extends EveryBackend {
  private static final double ROUNDING = 1.0 / 256;

  private final Tensor q = narrow(random(1, 2, 3, 4));
  private final Tensor k = narrow(random(2, 2, 5, 4));
  private final Tensor v = narrow(random(3, 2, 5, 2));

  private static Tensor narrow(Tensor x) {
    return x.cast(DType.BF16);
  }

  private static Tensor wide(Tensor x) {
    return x.cast(DType.F64);
  }

  /** Expects {@code exact} in bf16, rounded so often. */
  private static void assertRounded(Tensor actual, Tensor exact, int roundings) {
    assertThat(actual.dtype()).isEqualTo(DType.BF16);
    assertThat(actual.shape()).isEqualTo(exact.shape());
    double[] values = wide(actual).toDoubleArray();
    double[] expected = exact.toDoubleArray();
    for (int i = 0; i < values.length; i++) {
      double allowed = roundings * ROUNDING * Math.abs(expected[i]) + 3e-5;
      assertThat(Math.abs(values[i] - expected[i]))
          .as("element %d: %s for %s", i, values[i], expected[i])
          .isLessThanOrEqualTo(allowed);
    }
  }

  private static void assertRounded(Tensor actual, Tensor exact) {
    assertRounded(actual, exact, 1);
  }

  private static void check(Fn2<Tensor, Tensor, Tensor> f, Tensor x, Tensor y) {
    Tensor left = narrow(x);
    Tensor right = narrow(y);
    Tensor exact = f.apply(wide(left), wide(right));
    assertRounded(f.apply(left, right), exact);
    assertRounded(jit(f).apply(left, right), exact);
  }

  @Test
  void productsOfAllRanksAndStrides() {
    check(Tensor::matmul, random(1, 3, 4), random(2, 4, 5));
    check(Tensor::matmul, random(1, 33), random(2, 33));
    check(Tensor::matmul, random(1, 33, 40), random(2, 40));
    check(Tensor::matmul, random(1, 33), random(2, 33, 40));
    check(Tensor::matmul, random(1, 3, 1, 4, 6), random(2, 5, 6, 2));
    check((x, y) -> x.matmul(y.transpose()), random(1, 30, 17), random(2, 40, 17));
    check((x, y) -> x.transpose().matmul(y), random(1, 17, 30), random(2, 17, 40));
    check((x, y) -> y.transpose().matmul(x).transpose(), random(1, 17, 30), random(2, 17, 40));
    check((x, y) -> x.flip(0).matmul(y.flip(1)), random(1, 7, 9), random(2, 9, 4));
    check(Tensor::outer, random(1, 12), random(2, 21));
    check(Tensor::matmul, Tensor.zeros(DType.F64, 3, 0), Tensor.zeros(DType.F64, 0, 2));
  }

  @Test
  void largeProducts() {
    check(Tensor::matmul, random(1, 70, 80), random(2, 80, 90));
    check((x, y) -> x.matmul(y.swapAxes(1, 2)), random(1, 3, 66, 70), random(2, 3, 80, 70));
  }

  @Test
  void sumsAreNotRoundedOnTheWay() {
    Tensor ones = narrow(Tensor.ones(DType.F32, 1000));
    assertThat(wide(ones.dot(ones)).item()).isEqualTo(1000);
    Tensor matrix = narrow(Tensor.ones(DType.F32, 80, 1000));
    assertThat(wide(matrix.matmul(matrix.transpose())).toDoubleArray()).containsOnly(1000);
  }

  @Test
  void specialValues() {
    Tensor x = narrow(Tensor.of(Double.NaN, 1, Double.POSITIVE_INFINITY).reshape(3, 1));
    Tensor y = narrow(Tensor.of(2.0, 3e38).reshape(1, 2));
    assertThat(wide(x.matmul(y)).toDoubleArray())
        .containsExactly(
            Double.NaN,
            Double.NaN,
            2,
            wide(y).toDoubleArray()[1],
            Double.POSITIVE_INFINITY,
            Double.POSITIVE_INFINITY);
  }

  @Test
  void gradientsAndTangentsOfProducts() {
    Tensor x = narrow(random(1, 20, 30));
    Tensor w = narrow(random(2, 30, 10));
    Tensor ct = narrow(random(3, 20, 10));
    Fn3<Tensor, Tensor, Tensor, Tensor> loss = (a, b, c) -> a.matmul(b).mul(c).sum();
    assertRounded(
        grad((Tensor a) -> loss.apply(a, w, ct)).apply(x),
        grad((Tensor a) -> loss.apply(a, wide(w), wide(ct))).apply(wide(x)));
    assertRounded(
        grad((Tensor b) -> loss.apply(x, b, ct)).apply(w),
        grad((Tensor b) -> loss.apply(wide(x), b, wide(ct))).apply(wide(w)));
    Tensor dx = narrow(random(4, 20, 30));
    assertRounded(jvp((Tensor a) -> a.matmul(w), x, dx).tangent(), wide(dx).matmul(wide(w)));
  }

  @Test
  void mapsAnyOperandOfAProductAsALoop() {
    Tensor xs = narrow(random(1, 6, 3, 20));
    Tensor ys = narrow(random(2, 6, 20, 4));
    for (int subset = 1; subset < 4; subset++) {
      boolean left = (subset & 1) != 0;
      boolean right = (subset & 2) != 0;
      Tensor mapped =
          vmap((Fn2<Tensor, Tensor, Tensor>) Tensor::matmul, in(left ? 0 : NONE, right ? 0 : NONE))
              .apply(left ? xs : xs.get(0), right ? ys : ys.get(0));
      List<Tensor> rows = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        rows.add(wide(xs.get(left ? i : 0)).matmul(wide(ys.get(right ? i : 0))));
      }
      assertRounded(mapped, Tensor.stack(0, rows.toArray(Tensor[]::new)));
    }
  }

  private static List<AttentionOptions> options() {
    Tensor mask = narrow(random(7, 3, 5));
    Tensor seen = mask.greater(-1.0);
    return List.of(
        AttentionOptions.defaults(),
        AttentionOptions.causal(),
        AttentionOptions.masked(seen),
        AttentionOptions.masked(mask).withScale(0.3),
        AttentionOptions.masked(seen).withCausal(true));
  }

  private static AttentionOptions wide(AttentionOptions options) {
    return options
        .mask()
        .filter(mask -> mask.dtype() != DType.BOOL)
        .map(mask -> options.withMask(wide(mask)))
        .orElse(options);
  }

  @Test
  void attentionWithEachOption() {
    for (AttentionOptions options : options()) {
      Tensor exact = Nn.attention(wide(q), wide(k), wide(v), wide(options));
      Fn3<Tensor, Tensor, Tensor, Tensor> f = (a, b, c) -> Nn.attention(a, b, c, options);
      assertRounded(f.apply(q, k, v), exact);
      assertRounded(jit(f).apply(q, k, v), exact);
    }
  }

  @Test
  void attentionWithGroupedHeads() {
    Tensor queries = narrow(random(21, 2, 6, 3, 4));
    Tensor keys = narrow(random(22, 2, 2, 5, 4));
    Tensor values = narrow(random(23, 2, 2, 5, 2));
    assertRounded(
        Nn.attention(queries, keys, values), Nn.attention(wide(queries), wide(keys), wide(values)));
  }

  @Test
  void gradientsOfAttention() {
    Tensor ct = narrow(random(5, 2, 3, 2));
    for (AttentionOptions options : options()) {
      AttentionOptions exact = wide(options);
      assertRounded(
          grad((Tensor x) -> Nn.attention(x, k, v, options).mul(ct).sum()).apply(q),
          grad((Tensor x) -> Nn.attention(x, wide(k), wide(v), exact).mul(wide(ct)).sum())
              .apply(wide(q)));
      assertRounded(
          grad((Tensor x) -> Nn.attention(q, x, v, options).mul(ct).sum()).apply(k),
          grad((Tensor x) -> Nn.attention(wide(q), x, wide(v), exact).mul(wide(ct)).sum())
              .apply(wide(k)));
      assertRounded(
          grad((Tensor x) -> Nn.attention(q, k, x, options).mul(ct).sum()).apply(v),
          grad((Tensor x) -> Nn.attention(wide(q), wide(k), x, exact).mul(wide(ct)).sum())
              .apply(wide(v)));
    }
  }

  @Test
  void tangentsOfAttention() {
    Tensor dk = narrow(random(6, 2, 5, 4));
    Tensor tangent = jvp((Tensor x) -> Nn.attention(q, x, v), k, dk).tangent();
    Tensor exact =
        jvp((Tensor x) -> Nn.attention(wide(q), x, wide(v)), wide(k), wide(dk)).tangent();
    assertThat(tangent.dtype()).isEqualTo(DType.BF16);
    assertThat(wide(tangent).sub(exact).abs().max().item()).isLessThan(0.02);
  }

  @Test
  void mapsAttentionAsALoop() {
    Tensor queries = narrow(random(11, 4, 2, 3, 4));
    Tensor mapped =
        vmap((Tensor x) -> Nn.attention(x, k, v, AttentionOptions.causal())).apply(queries);
    for (int i = 0; i < 4; i++) {
      assertRounded(
          mapped.get(i),
          Nn.attention(wide(queries.get(i)), wide(k), wide(v), AttentionOptions.causal()));
    }
  }

  @Test
  void plansAreSingleKernelsOnBf16() {
    Tensor x = narrow(random(1, 70, 80));
    Tensor y = narrow(random(2, 80, 90));
    PlanReport product = jit((Fn2<Tensor, Tensor, Tensor>) Tensor::matmul).plan(x, y);
    assertThat(product.steps()).hasSize(1);
    assertThat(product.steps().getFirst().kernel()).contains("bf16 [70, 80]·[80, 90]");
    PlanReport attention = jit((Fn3<Tensor, Tensor, Tensor, Tensor>) Nn::attention).plan(q, k, v);
    assertThat(attention.steps()).hasSize(1);
    assertThat(attention.steps().getFirst().kernel()).contains("bf16 in f32");
    PlanReport gradient = jit(grad((Tensor a) -> Nn.attention(a, k, v).sum())).plan(q);
    assertThat(gradient.steps())
        .anyMatch(step -> step.kernel().contains("attention gradient bf16 in f32"));
  }

  /** Softmax of scaled scores, hidden by a mask, as it is written by hand. */
  private static Tensor byHand(Tensor q, Tensor k, Tensor v) {
    Tensor seen = Tensor.ones(q.shape().extent(0), k.shape().extent(0)).tril(0).greater(0);
    Tensor scores = q.matmul(k.transpose()).mul(0.3);
    return Tensor.where(seen, scores, -1e9).softmax(-1).matmul(v);
  }

  private static Tensor loss(Tensor q, Tensor k, Tensor v) {
    return byHand(q, k, v).mul(v).sum();
  }

  @Test
  void attentionByHandIsOneStep() {
    Tensor x = narrow(random(31, 3, 128, 8));
    PlanReport mapped =
        jit(vmap((Fn3<Tensor, Tensor, Tensor, Tensor>) Bf16ProductsTest::byHand)).plan(x, x, x);
    assertThat(mapped.steps()).filteredOn(s -> s.name().equals("attention")).hasSize(1);
    assertThat(mapped.steps()).noneMatch(s -> s.computes().contains("exp"));
    long scores = 3 * 128 * 128 * 2;
    assertThat(mapped.workspaceBytes()).isLessThan(scores);
    PlanReport gradient =
        jit(vmap(grad((Fn3<Tensor, Tensor, Tensor, Tensor>) Bf16ProductsTest::loss))).plan(x, x, x);
    assertThat(gradient.steps())
        .anyMatch(s -> s.computes().contains("attention_gradient"))
        .noneMatch(s -> s.computes().contains("exp"));
    assertThat(gradient.workspaceBytes()).isLessThan(scores);
  }

  @Test
  void attentionByHandWithDerivativesAndBatches() {
    Tensor x = narrow(random(32, 3, 16, 8));
    Tensor y = narrow(random(33, 3, 16, 8));
    Fn3<Tensor, Tensor, Tensor, Tensor> value = Bf16ProductsTest::byHand;
    Fn3<Tensor, Tensor, Tensor, Tensor> gradient = grad(Bf16ProductsTest::loss);
    for (Fn3<Tensor, Tensor, Tensor, Tensor> f : List.of(value, gradient)) {
      Tensor all = jit(vmap(f)).apply(x, y, x);
      for (int i = 0; i < 3; i++) {
        Tensor exact = f.apply(wide(x.get(i)), wide(y.get(i)), wide(x.get(i)));
        double size = exact.abs().max().item();
        Tensor one = jit(f).apply(x.get(i), y.get(i), x.get(i));
        for (Tensor result : List.of(one, all.get(i))) {
          assertThat(result.dtype()).isEqualTo(DType.BF16);
          double distance = wide(result).sub(exact).abs().max().item();
          // Scores and probabilities of the reference are rounded to bf16.
          assertThat(distance).isLessThan(size * (f == value ? 0.02 : 0.04));
        }
      }
    }
  }

  /** Signals save the processor's state, which tile registers make larger. */
  @Test
  void javaStillHandlesItsOwnSignals() {
    Tensor x = narrow(random(1, 128, 128));
    x.matmul(x);
    assertThatThrownBy(() -> depth(0)).isInstanceOf(StackOverflowError.class);
    List<Object> none = null;
    assertThatThrownBy(() -> none.size()).isInstanceOf(NullPointerException.class);
    check(Tensor::matmul, random(3, 70, 70), random(4, 70, 70));
  }

  private static int depth(int level) {
    return depth(level + 1) + 1;
  }

  @Test
  void nothingIsLeftInMemory() {
    Fn<Tensor, Tensor> f =
        jit(grad((Tensor x) -> Nn.attention(x, x, x).matmul(x.swapAxes(-1, -2)).sum()));
    LiveMemory.assertNothingIsLeft(50, () -> f.apply(q));
  }

  @Test
  void eightThreadsGetTheSame() throws Exception {
    Tensor x = narrow(random(1, 2, 66, 70));
    Fn<Tensor, Tensor> f = jit((Tensor a) -> Nn.attention(a, a, a).matmul(a.swapAxes(-1, -2)));
    double[] expected = wide(f.apply(x)).toDoubleArray();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        done.add(
            threads.submit(() ->
                Backends.with(
                    backend.backend(),
                    () -> {
                      for (int i = 0; i < 5; i++) {
                        assertThat(wide(f.apply(x)).toDoubleArray()).isEqualTo(expected);
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
