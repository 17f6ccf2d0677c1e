package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.differences;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.PlanReport;
import dev.lockstep.runtime.Backends;
import dev.lockstep.tensor.AttentionOptions;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** {@link Nn#attention}: its values and all transforms of it. */
class AttentionTest extends EveryBackend {
  private static final Tensor MASK = random(7, 3, 5);
  private static final Tensor SEEN = MASK.greater(-1.0);
  private static final List<AttentionOptions> OPTIONS =
      List.of(
          AttentionOptions.defaults(),
          AttentionOptions.causal(),
          AttentionOptions.masked(SEEN),
          AttentionOptions.masked(MASK).withScale(0.3),
          AttentionOptions.masked(SEEN).withCausal(true));

  private final Tensor q = random(1, 2, 3, 4);
  private final Tensor k = random(2, 2, 5, 4);
  private final Tensor v = random(3, 2, 5, 2);

  /** The definition, on which nothing is recognised: its scores are a result too. */
  private static Tensor byParts(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
    double scale = options.scale().orElse(1 / Math.sqrt(q.shape().extent(q.rank() - 1)));
    Tensor scores = q.matmul(k.swapAxes(-1, -2)).mul(scale);
    Tensor mask = options.mask().orElse(null);
    long queries = scores.shape().extent(scores.rank() - 2);
    long keys = scores.shape().extent(scores.rank() - 1);
    Tensor seen = Tensor.ones(queries, keys).greater(0);
    if (mask != null && mask.dtype() != DType.BOOL) {
      scores = scores.add(mask);
    } else if (mask != null) {
      seen = seen.and(mask);
    }
    if (options.isCausal()) {
      seen = seen.and(Tensor.ones(queries, keys).tril(0).greater(0));
    }
    Tensor hidden = Tensor.where(seen, scores, Tensor.scalar(-1e30));
    return hidden.softmax(-1).matmul(v).add(scores.sum().mul(0.0));
  }

  @Test
  void valuesWithEachOption() {
    for (AttentionOptions options : OPTIONS) {
      assertClose(Nn.attention(q, k, v, options), byParts(q, k, v, options));
    }
    Tensor narrow = Nn.attention(q.cast(DType.F32), k.cast(DType.F32), v.cast(DType.F32));
    assertThat(narrow.dtype()).isEqualTo(DType.F32);
    assertClose(narrow.cast(DType.F64), Nn.attention(q, k, v), 1e-6);
  }

  @Test
  void derivativesAreThoseOfTheParts() {
    for (AttentionOptions options : OPTIONS) {
      Fn3<Tensor, Tensor, Tensor, Tensor> loss =
          (a, b, c) -> Nn.attention(a, b, c, options).sin().sum();
      Fn3<Tensor, Tensor, Tensor, Tensor> parts =
          (a, b, c) -> byParts(a, b, c, options).sin().sum();
      assertClose(grad(loss).apply(q, k, v), grad(parts).apply(q, k, v), 1e-11);
      Fn<Tensor, Tensor> ofQueries = x -> loss.apply(x, k, v);
      Fn<Tensor, Tensor> ofKeys = x -> loss.apply(q, x, v);
      Fn<Tensor, Tensor> ofValues = x -> loss.apply(q, k, x);
      assertClose(grad(ofQueries).apply(q), differences(ofQueries, q), 1e-7);
      assertClose(grad(ofKeys).apply(k), differences(ofKeys, k), 1e-7);
      assertClose(grad(ofValues).apply(v), differences(ofValues, v), 1e-7);
    }
  }

  @Test
  void theGradientOfAFloatingMask() {
    Fn<Tensor, Tensor> f =
        mask -> Nn.attention(q, k, v, AttentionOptions.masked(mask)).square().sum();
    assertClose(grad(f).apply(MASK), differences(f, MASK), 1e-7);
  }

  @Test
  void forwardAndReverseModeAgree() {
    for (AttentionOptions options : OPTIONS) {
      Fn<Tensor, Tensor> ofKeys = x -> Nn.attention(q, x, v, options);
      assertClose(jacfwd(ofKeys).apply(k), jacrev(ofKeys).apply(k));
      Fn<Tensor, Tensor> ofValues = x -> Nn.attention(q, k, x, options);
      assertClose(jacfwd(ofValues).apply(v), jacrev(ofValues).apply(v));
    }
  }

  @Test
  void secondDerivatives() {
    for (AttentionOptions options : OPTIONS) {
      Tensor one = q.get(0);
      Fn<Tensor, Tensor> f = x -> Nn.attention(x, x, x, square(options)).square().sum();
      Fn<Tensor, Tensor> parts = x -> byParts(x, x, x, square(options)).square().sum();
      Tensor expected = hessian(parts).apply(one);
      assertClose(hessian(f).apply(one), expected, 1e-10);
      assertClose(jacrev(grad(f)).apply(one), expected, 1e-10);
      assertClose(jacfwd(jacfwd(f)).apply(one), expected, 1e-10);
    }
  }

  /** Returns the options for as many keys as queries. */
  private static AttentionOptions square(AttentionOptions options) {
    return options
        .mask()
        .map(mask -> options.withMask(mask.slice(new long[] {0, 0}, new long[] {3, 3})))
        .orElse(options);
  }

  @Test
  void mapsAnyOperandsAsALoop() {
    Tensor[] batches = {random(11, 4, 2, 3, 4), random(12, 4, 2, 5, 4), random(13, 4, 2, 5, 2)};
    Tensor[] single = {q, k, v};
    for (AttentionOptions options : OPTIONS) {
      Fn3<Tensor, Tensor, Tensor, Tensor> f = (a, b, c) -> Nn.attention(a, b, c, options);
      Fn3<Tensor, Tensor, Tensor, Tensor> g =
          grad((a, b, c) -> Nn.attention(a, b, c, options).sin().sum());
      for (int subset = 1; subset < 8; subset++) {
        Tensor[] operands = new Tensor[3];
        Object[] axes = new Object[3];
        for (int i = 0; i < 3; i++) {
          boolean mapped = (subset >> i & 1) == 1;
          operands[i] = mapped ? batches[i] : single[i];
          axes[i] = mapped ? 0 : NONE;
        }
        Axes.In axesIn = in(axes[0], axes[1], axes[2]);
        assertClose(
            vmap(f, axesIn).apply(operands[0], operands[1], operands[2]), loop(f, operands, axes));
        assertClose(
            vmap(g, axesIn).apply(operands[0], operands[1], operands[2]), loop(g, operands, axes));
      }
    }
  }

  private static Tensor loop(
      Fn3<Tensor, Tensor, Tensor, Tensor> f, Tensor[] operands, Object[] axes) {
    List<Tensor> results = new ArrayList<>();
    for (int e = 0; e < 4; e++) {
      Tensor[] one = new Tensor[3];
      for (int i = 0; i < 3; i++) {
        one[i] = axes[i] == NONE ? operands[i] : operands[i].get(e);
      }
      results.add(f.apply(one[0], one[1], one[2]));
    }
    return Tensor.stack(0, results.toArray(Tensor[]::new));
  }

  @Test
  void mapsAMask() {
    Tensor masks = random(14, 4, 3, 5).greater(-1.0);
    Tensor mapped =
        vmap((Tensor mask) -> Nn.attention(q, k, v, AttentionOptions.masked(mask))).apply(masks);
    for (int e = 0; e < 4; e++) {
      assertClose(mapped.get(e), Nn.attention(q, k, v, AttentionOptions.masked(masks.get(e))));
    }
  }

  @Test
  void groupedHeads() {
    Tensor queries = random(21, 2, 6, 3, 4);
    Tensor keys = random(22, 2, 2, 5, 4);
    Tensor values = random(23, 2, 2, 5, 2);
    Tensor mask = random(24, 6, 1, 5);
    AttentionOptions options = AttentionOptions.masked(mask);
    Fn3<Tensor, Tensor, Tensor, Tensor> grouped = (a, b, c) -> Nn.attention(a, b, c, options);
    Fn3<Tensor, Tensor, Tensor, Tensor> repeated =
        (a, b, c) -> byParts(a, repeat(b), repeat(c), options);
    assertClose(grouped.apply(queries, keys, values), repeated.apply(queries, keys, values));
    Fn<Tensor, Tensor> loss = x -> grouped.apply(queries, x, values).sin().sum();
    Fn<Tensor, Tensor> expected = x -> repeated.apply(queries, x, values).sin().sum();
    assertClose(grad(loss).apply(keys), grad(expected).apply(keys), 1e-11);
  }

  /** Returns heads 0, 0, 0, 1, 1, 1. */
  private static Tensor repeat(Tensor x) {
    long[] shape = x.shape().extents();
    return x.expandDims(2)
        .broadcastTo(shape[0], 2, 3, shape[2], shape[3])
        .reshape(shape[0], 6, shape[2], shape[3]);
  }

  @Test
  void leadingAxesBroadcast() {
    assertClose(
        Nn.attention(q, k.get(0), v.get(0)).get(1), Nn.attention(q.get(1), k.get(0), v.get(0)));
    assertClose(Nn.attention(q.get(0), k, v).get(1), Nn.attention(q.get(0), k.get(1), v.get(1)));
  }

  @Test
  void aQueryThatSeesNothingGetsTheMean() {
    Tensor none = Tensor.zeros(3, 5).greater(1);
    Tensor y = Nn.attention(q, k, v, AttentionOptions.masked(none));
    assertClose(y.get(0).get(2), v.get(0).mean(0));
  }

  @Test
  void partsAreRecognisedUnderGrad() {
    Tensor x = random(31, 2, 9, 4);
    Fn<Tensor, Tensor> parts =
        a -> a.matmul(a.swapAxes(-1, -2)).div(2.0).softmax(-1).matmul(a).sin().sum();
    Fn<Tensor, Tensor> named = a -> Nn.attention(a, a, a).sin().sum();
    assertClose(grad(parts).apply(x), grad(named).apply(x));
    assertClose(jit(grad(parts)).apply(x), grad(named).apply(x));
    assertClose(vmap(grad(parts)).apply(x), vmap(grad(named)).apply(x));
    assertClose(jacrev(grad(parts)).apply(x), jacrev(grad(named)).apply(x), 1e-11);
  }

  @Test
  void errors() {
    assertThatThrownBy(() -> Nn.attention(q, random(1, 2, 5, 3), v))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "attention: expected q[…, queries, d], k[…, keys, d] and v[…, keys, e], got"
                + " f64[2, 3, 4], f64[2, 5, 3] and f64[2, 5, 2]");
    assertThatThrownBy(() -> Nn.attention(q, random(1, 3, 5, 4), random(1, 3, 5, 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "attention: expected leading axes that broadcast, or heads of q that are a multiple of"
                + " those of k and v, got f64[2, 3, 4], f64[3, 5, 4] and f64[3, 5, 4]");
    assertThatThrownBy(() -> Nn.attention(q, Tensor.zeros(2, 0, 4), Tensor.zeros(2, 0, 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("attention: expected at least one key, got k f32[2, 0, 4]");
    assertThatThrownBy(() -> Nn.attention(q, k, v, AttentionOptions.masked(random(1, 2, 2, 5))))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "attention: expected a mask that broadcasts to the scores [2, 3, 5], got f64[2, 2, 5]");
    Tensor whole = q.cast(DType.I32);
    assertThatThrownBy(() -> Nn.attention(whole, whole, whole))
        .isInstanceOf(DTypeException.class)
        .hasMessage(
            "attention: expected f32, f64 or bf16, got i32[2, 3, 4], i32[2, 3, 4] and i32[2, 3, 4]."
                + " Cast them: q.cast(DType.F32)");
    Tensor counts = MASK.cast(DType.I32);
    assertThatThrownBy(() -> Nn.attention(q, k, v, AttentionOptions.masked(counts)))
        .isInstanceOf(DTypeException.class)
        .hasMessage(
            "attention: expected a mask of bool (seen or not) or floating (added), got"
                + " i32[3, 5]. Compare it: mask.notEqual(0)");
  }

  @Test
  void nothingIsLeftInMemory() {
    Fn<Tensor, Tensor> f = jit(grad((Tensor x) -> Nn.attention(x, x, x).sum()));
    LiveMemory.assertNothingIsLeft(50, () -> f.apply(q));
  }

  @Test
  void eightThreadsGetTheSame() throws Exception {
    Fn<Tensor, Tensor> f = jit(grad((Tensor x) -> Nn.attention(x, x, x).sin().sum()));
    double[] expected = f.apply(q).toDoubleArray();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        done.add(
            threads.submit(() ->
                Backends.with(
                    backend.backend(),
                    () -> {
                      for (int i = 0; i < 30; i++) {
                        assertThat(f.apply(q).toDoubleArray()).isEqualTo(expected);
                      }
                      return null;
                    })));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
  }

  @Test
  void writtenByItsPartsAndMappedItIsOneStep() {
    Fn3<Tensor, Tensor, Tensor, Tensor> parts =
        (q, k, v) -> q.matmul(k.transpose()).div(Math.sqrt(4)).softmax(-1).matmul(v);
    Tensor x = Tensor.ones(DType.F32, 3, 16, 4);
    PlanReport plan = jit(vmap(parts)).plan(x, x, x);
    assertThat(plan.steps()).hasSize(1);
    assertThat(plan.steps().getFirst().computes()).containsExactly("attention");
    assertThat(plan.steps().getFirst().operations()).isEqualTo(2 * 3 * 16 * 16 * (4 + 4));
    PlanReport gradient = jit(vmap(grad(sumOf(parts)))).plan(x, x, x);
    assertThat(gradient.steps()).anyMatch(step -> step.computes().contains("attention_gradient"));
    assertThat(gradient.steps()).noneMatch(step -> step.computes().contains("exp"));
  }

  @Test
  void aMaskByAConstantIsRecognisedUnderGrad() {
    Tensor seen = Tensor.ones(16, 16).tril(0).greater(0);
    for (double hidden : new double[] {-1e9, -1e30, Double.NEGATIVE_INFINITY}) {
      Fn3<Tensor, Tensor, Tensor, Tensor> parts =
          (q, k, v) ->
              Tensor.where(seen, q.matmul(k.transpose()).mul(0.5), hidden)
                  .softmax(-1)
                  .matmul(v)
                  .sin()
                  .sum();
      Fn3<Tensor, Tensor, Tensor, Tensor> named =
          (q, k, v) -> Nn.attention(q, k, v, AttentionOptions.masked(seen)).sin().sum();
      Tensor x = random(41, 3, 16, 4);
      Tensor one = x.get(0);
      assertClose(grad(parts).apply(one, one, one), grad(named).apply(one, one, one));
      assertClose(vmap(grad(parts)).apply(x, x, x), vmap(grad(named)).apply(x, x, x));
      for (var gradient : List.of(vmap(grad(parts)), grad(sumOf(vmap(parts))))) {
        assertThat(jit(gradient).plan(x, x, x).steps())
            .anyMatch(step -> step.computes().contains("attention_gradient"))
            .noneMatch(step -> step.computes().contains("exp"));
      }
    }
  }

  private static Fn3<Tensor, Tensor, Tensor, Tensor> sumOf(Fn3<Tensor, Tensor, Tensor, Tensor> f) {
    return (q, k, v) -> f.apply(q, k, v).sum();
  }
}
