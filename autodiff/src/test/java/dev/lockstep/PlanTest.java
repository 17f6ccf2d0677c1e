package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.valueAndGrad;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.PlanReport;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code jit(f).plan(…)} tells, and that the memory it tells is the memory a run takes. */
class PlanTest {
  record Layers(Tensor first, Tensor bias, Tensor second) {}

  record Attention(Tensor q, Tensor k, Tensor v) {}

  record Case(String name, Fn<List<Tensor>, Object> f, Tensor... arguments) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Tensor loss(Layers p, Tensor x, Tensor y) {
    Tensor hidden = x.matmul(p.first()).add(p.bias()).tanh();
    return hidden.matmul(p.second()).sub(y).square().mean();
  }

  private static Tensor scores(Tensor q, Tensor k) {
    return q.matmul(k.transpose()).mul(0.125);
  }

  private static Tensor attention(Attention a) {
    Tensor weights = scores(a.q(), a.k()).sub(scores(a.q(), a.k()).max(1).expandDims(1)).exp();
    return weights.div(weights.sum(1).expandDims(1)).matmul(a.v());
  }

  private static Tensor recurrent(Tensor w, Tensor xs) {
    return Control.scan(
            (Tensor h, Tensor x) -> {
              Tensor next = h.matmul(w).add(x).tanh();
              return new Step<>(next, next.square());
            },
            xs.get(0),
            xs)
        .carry()
        .sum();
  }

  private static Layers layers(List<Tensor> t) {
    return new Layers(t.get(0), t.get(1), t.get(2));
  }

  static Stream<Case> cases() {
    Tensor[] network = {
      random(0, 60, 50), random(1, 50), random(2, 50, 10), random(3, 32, 60), random(4, 32, 10)
    };
    Tensor[] heads = {random(5, 70, 16), random(6, 70, 16), random(7, 70, 16)};
    Fn<Tensor, Tensor> curve = x -> x.sin().mul(x.square()).cumSum(0);
    return Stream.of(
        new Case("elementwise", t -> t.get(0).sin().mul(t.get(0).exp()), random(8, 1000)),
        new Case("reductions", t -> t.get(0).exp().sum(1).log(), random(9, 300, 200)),
        new Case("one long sum", t -> t.get(0).square().sum(), random(10, 1 << 20)),
        new Case(
            "product", t -> t.get(0).matmul(t.get(1)), random(11, 300, 300), random(12, 300, 300)),
        new Case(
            "gradient of layers",
            t -> valueAndGrad(PlanTest::loss).apply(layers(t), t.get(3), t.get(4)),
            network),
        new Case(
            "gradient an example",
            t -> vmap(grad(PlanTest::loss), in(NONE, 0, 0)).apply(layers(t), t.get(3), t.get(4)),
            network),
        new Case("attention", t -> attention(new Attention(t.get(0), t.get(1), t.get(2))), heads),
        new Case(
            "gradient of attention",
            t ->
                grad((Attention a) -> attention(a).sum())
                    .apply(new Attention(t.get(0), t.get(1), t.get(2))),
            heads),
        new Case(
            "scan", t -> recurrent(t.get(0), t.get(1)), random(13, 8, 8), random(14, 20, 4, 8)),
        new Case(
            "gradient of scan",
            t -> grad(PlanTest::recurrent).apply(t.get(0), t.get(1)),
            random(13, 8, 8),
            random(14, 20, 4, 8)),
        new Case("forward Jacobian", t -> jacfwd(curve).apply(t.get(0)), random(15, 40)),
        new Case("reverse Jacobian", t -> jacrev(curve).apply(t.get(0)), random(15, 40)),
        new Case(
            "Hessian",
            t -> hessian((Tensor x) -> x.sin().sum().square()).apply(t.get(0)),
            random(16, 30)),
        new Case("sort", t -> t.get(0).transpose().sort(1), random(17, 50, 60)),
        new Case(
            "rows at indices",
            t -> t.get(0).take(t.get(1).mul(10.0).cast(DType.I32), 0),
            random(18, 50, 6),
            random(19, 30)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void plannedBytesAreMeasuredBytes(Case sample) {
    Jitted<List<Tensor>, Object> jitted = jit(sample.f());
    List<Tensor> arguments = List.of(sample.arguments());
    PlanReport plan = jitted.plan(arguments);
    assertThat(LiveMemory.peak(() -> jitted.apply(arguments)))
        .as("%s", plan)
        .isEqualTo(plan.peakBytes());
  }

  @Test
  void tellsStepsInOrderWithKernelsAndReasons() {
    Tensor w = random(0, 30, 40);
    Tensor x = random(1, 8, 40);
    var layer = jit((Tensor a, Tensor b) -> a.matmul(b).add(1.0).tanh());
    PlanReport plan = layer.plan(x, w.transpose());
    assertThat(plan.steps()).extracting(PlanReport.Step::name).containsExactly("matmul");
    PlanReport.Step product = plan.steps().getFirst();
    assertThat(product.computes()).containsExactly("dot_general", "add", "tanh");
    assertThat(product.reads()).hasToString("[f64[8, 40], f64[40, 30]]");
    assertThat(product.operations()).isEqualTo(2 * 8 * 30 * 40 + 2 * 8 * 30);
    assertThat(product.bytesRead()).isEqualTo((8 * 40 + 40 * 30) * 8);
    assertThat(product.bytesWritten()).isEqualTo(8 * 30 * 8);
    assertThat(product.kernel()).startsWith("matmul ");
    assertThat(product.why()).hasSizeGreaterThan(1);
    assertThat(plan.outputBytes()).isEqualTo(8 * 30 * 8);
    assertThat(plan.inputBytes()).isEqualTo((8 * 40 + 40 * 30) * 8);
    assertThat(plan.operations())
        .isEqualTo(plan.steps().stream().mapToLong(PlanReport.Step::operations).sum());
    assertThat(plan.toString())
        .startsWith("1 step, 19.7 kFLOP; inputs 12.2 kB, outputs 1.9 kB, workspace 0 B, peak ")
        .contains("\n1. matmul (dot_general, add, tanh) f64[8, 40] f64[40, 30] -> f64[8, 30]\n")
        .contains(" + epilogue (add, tanh) on each part of the result while that is in a cache");
  }

  @Test
  void tellsWhatSubProgramsDo() {
    var scan = jit(PlanTest::recurrent);
    PlanReport plan = scan.plan(random(13, 8, 8), random(14, 20, 4, 8));
    PlanReport.Step step =
        plan.steps().stream().filter(s -> s.name().equals("scan")).findFirst().orElseThrow();
    assertThat(step.parts()).hasSize(1);
    assertThat(step.operations()).isEqualTo(20 * step.parts().getFirst().operations());
    assertThat(plan.toString()).contains("\n   part: ");
  }

  @Test
  void plansAreTracedOnceAndServeTheCall() {
    long traces = Lockstep.counts().traces();
    var f = jit((Tensor a, Tensor b, Tensor c) -> a.mul(b).add(c));
    Tensor x = random(0, 3);
    f.plan(x, x, x);
    f.apply(x, x, x);
    assertThat(Lockstep.counts().traces() - traces).isEqualTo(1);
    assertThat(
            jit((Tensor a, Tensor b, Tensor c, Tensor d) -> a.mul(b).add(c).sub(d))
                .plan(x, x, x, x)
                .steps())
        .hasSize(1);
  }

  @Test
  void gradientsAnExampleTakeLittleMoreThanTheirResult() {
    Layers p = new Layers(random(0, 784, 512), random(1, 512), random(2, 512, 10));
    PlanReport plan =
        jit(vmap(grad(PlanTest::loss), in(NONE, 0, 0)))
            .plan(p, random(3, 128, 784), random(4, 128, 10));
    assertThat(plan.peakBytes()).isLessThan(plan.outputBytes() + plan.outputBytes() / 100);
  }
}
