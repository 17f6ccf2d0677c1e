package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.PlanReport;
import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.ConvOptions;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Layout;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Padding;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loops that run as epilogues of products: plans, values, memory, threads. */
class EpilogueTest {
  /**
   * @param steps the plan's
   */
  record Case(String name, List<String> steps, Fn<List<Tensor>, Tensor> f, Tensor... arguments) {
    @Override
    public String toString() {
      return name;
    }

    Tensor reference() {
      return Backends.with(ReferenceBackend.INSTANCE, () -> f.apply(List.of(arguments)));
    }
  }

  private static Tensor linear(List<Tensor> t) {
    return t.get(0).matmul(t.get(1)).add(t.get(2));
  }

  private static final Fn3<Tensor, Tensor, Tensor, Tensor> LAYER =
      (x, w, b) -> x.matmul(w).add(b).tanh();

  private static Tensor network(Tensor w, List<Tensor> t) {
    Tensor hidden = t.get(0).matmul(w).add(t.get(2)).tanh();
    return hidden.matmul(t.get(3)).add(t.get(4)).gelu().square().mean();
  }

  private static Tensor recurrent(List<Tensor> t) {
    return Control.scan(
            (Tensor h, Tensor x) -> {
              Tensor next = h.matmul(t.get(0)).add(x.matmul(t.get(1))).add(t.get(2)).tanh();
              return new Step<Tensor, Tensor>(next, next);
            },
            Tensor.zeros(DType.F64, 3, 8),
            t.get(3))
        .carry();
  }

  static Stream<Case> cases() {
    return Stream.concat(products(), convolutions());
  }

  private static Tensor f32(int seed, long... extents) {
    return random(seed, extents).mul(0.25).cast(DType.F32);
  }

  private static Stream<Case> convolutions() {
    Tensor[] images = {f32(60, 4, 8, 16, 15), f32(61, 12, 8, 3, 3), f32(62, 12, 1, 1)};
    Tensor[] last = {f32(63, 3, 14, 15, 8), f32(64, 3, 3, 8, 16), f32(65, 16)};
    ConvOptions same = ConvOptions.DEFAULT.padding(Padding.SAME);
    Fn3<Tensor, Tensor, Tensor, Tensor> layer = (x, w, b) -> Nn.conv(x, w, same).add(b).tanh();
    List<String> one = List.of("convolve");
    return Stream.of(
        new Case("convolution", one, t -> layer.apply(t.get(0), t.get(1), t.get(2)), images),
        new Case(
            "channels last",
            one,
            t ->
                Nn.conv(t.get(0), t.get(1), same.layout(Layout.CHANNELS_LAST)).add(t.get(2)).gelu(),
            last),
        new Case(
            "residual of a convolution",
            one,
            t -> {
              Tensor y = Nn.conv(t.get(0), t.get(1), same);
              return Tensor.concatenate(0, y, y.add(t.get(2)).relu());
            },
            images),
        new Case(
            "two convolutions",
            List.of("convolve", "convolve"),
            t -> layer.apply(layer.apply(t.get(0), t.get(1), t.get(2)), t.get(3), t.get(2)),
            images[0],
            images[1],
            images[2],
            f32(66, 12, 12, 3, 3)),
        new Case(
            "mapped convolution",
            one,
            t -> vmap(layer, in(0, NONE, NONE)).apply(t.get(0), t.get(1), t.get(2)),
            f32(67, 3, 2, 8, 12, 12),
            images[1],
            images[2]),
        new Case(
            "gradient of a convolution",
            null,
            t ->
                grad((Tensor w) -> layer.apply(t.get(0), w, t.get(2)).square().mean())
                    .apply(t.get(1)),
            images),
        new Case(
            "a convolution that is a product",
            null,
            t -> layer.apply(t.get(0), t.get(1), t.get(2)),
            f32(68, 2, 2, 5, 6),
            f32(69, 3, 2, 3, 3),
            f32(70, 3, 1, 1)));
  }

  private static Stream<Case> products() {
    Tensor[] small = {random(0, 9, 20), random(1, 20, 13), random(2, 13)};
    Tensor[] large = {random(3, 300, 270), random(4, 270, 310), random(5, 310)};
    Tensor[] network = {
      random(6, 16, 12), random(7, 12, 24), random(8, 24), random(9, 24, 5), random(10, 5)
    };
    List<String> one = List.of("matmul");
    List<String> two = List.of("matmul", "matmul");
    return Stream.of(
        new Case("relu", one, t -> linear(t).maximum(0.0), small),
        new Case("gelu", one, t -> linear(t).gelu(), small),
        new Case("large", one, t -> linear(t).tanh(), large),
        new Case(
            "two layers of relu",
            two,
            t -> linear(t).relu().matmul(t.get(3)).relu(),
            small[0],
            small[1],
            small[2],
            random(11, 13, 4)),
        new Case(
            "bias of rows",
            one,
            t -> t.get(0).matmul(t.get(1)).add(t.get(2)),
            small[0],
            small[1],
            random(12, 9, 1)),
        new Case(
            "residual",
            two,
            t -> {
              Tensor x = t.get(0).matmul(t.get(1));
              return x.matmul(t.get(2)).sigmoid().add(x);
            },
            random(13, 7, 6),
            random(14, 6, 6),
            random(15, 6, 6)),
        new Case(
            "several results",
            one,
            t -> {
              Tensor y = linear(t);
              return Tensor.stack(0, y.tanh(), y.sin(), y);
            },
            small),
        new Case(
            "the product is a result too",
            one,
            t -> {
              Tensor y = t.get(0).matmul(t.get(1));
              return Tensor.concatenate(0, y, y.add(t.get(2)).cos());
            },
            small),
        new Case("another dtype", one, t -> linear(t).cast(DType.F32), small),
        new Case("a mask", one, t -> linear(t).greater(0.0).cast(DType.F64), small),
        new Case("transposed", one, t -> linear(t).transpose().sin(), small),
        new Case(
            "reshaped",
            one,
            t -> t.get(0).matmul(t.get(1)).reshape(3, 3, 13).mul(t.get(3)),
            small[0],
            small[1],
            small[2],
            random(16, 3, 1, 13)),
        new Case(
            "the larger of two products",
            two,
            t -> t.get(0).matmul(t.get(1)).add(t.get(2).matmul(t.get(3))).tanh(),
            random(17, 9, 30),
            random(18, 30, 8),
            random(19, 9, 5),
            random(20, 5, 8)),
        new Case(
            "the product and its transpose",
            List.of("matmul", "loop"),
            t -> {
              Tensor y = t.get(0).matmul(t.get(1));
              return y.add(y.transpose());
            },
            random(21, 9, 7),
            random(22, 7, 9)),
        new Case(
            "a count of the rows",
            List.of("matmul", "loop"),
            t -> t.get(0).matmul(t.get(1)).add(Tensor.iota(DType.F64, 0, 9, 13)),
            small),
        new Case(
            "a sum that is computed meanwhile",
            List.of("loop", "matmul"),
            t -> t.get(0).matmul(t.get(1)).mul(t.get(2).sum(0)),
            small[0],
            small[1],
            random(52, 4, 13)),
        new Case("reduced", List.of("matmul", "loop"), t -> linear(t).tanh().sum(1), small),
        new Case(
            "no elements",
            List.of("matmul", "loop"),
            t -> linear(t).tanh(),
            random(23, 0, 4),
            random(24, 4, 3),
            random(25, 3)),
        new Case(
            "nothing to add up",
            one,
            t -> linear(t).tanh(),
            random(26, 4, 0),
            random(27, 0, 3),
            random(28, 3)),
        new Case(
            "batches",
            one,
            t -> linear(t).tanh(),
            random(29, 5, 4, 6),
            random(30, 5, 6, 7),
            random(31, 5, 1, 7)),
        new Case(
            "mapped, but for the bias",
            one,
            t -> vmap(LAYER, in(0, NONE, NONE)).apply(t.get(0), t.get(1), t.get(2)),
            random(32, 5, 4, 6),
            random(33, 6, 7),
            random(34, 7)),
        new Case(
            "mapped with the bias",
            one,
            t -> vmap(LAYER, in(0, NONE, 0)).apply(t.get(0), t.get(1), t.get(2)),
            random(35, 5, 4, 6),
            random(36, 6, 7),
            random(37, 5, 7)),
        new Case(
            "mapped with weights and bias",
            one,
            t -> vmap(LAYER, in(0, 0, 0)).apply(t.get(0), t.get(1), t.get(2)),
            random(38, 5, 4, 6),
            random(39, 5, 6, 7),
            random(40, 5, 7)),
        new Case(
            "mapped along the last axis",
            one,
            t -> vmap(LAYER, in(2, 2, NONE)).apply(t.get(0), t.get(1), t.get(2)),
            random(41, 4, 6, 30),
            random(42, 6, 7, 30),
            random(43, 7)),
        new Case("gradient", null, t -> grad((Tensor w) -> network(w, t)).apply(t.get(1)), network),
        new Case(
            "second derivative",
            null,
            t ->
                grad((Tensor w) -> grad((Tensor v) -> network(v, t)).apply(w).square().sum())
                    .apply(t.get(1)),
            network),
        new Case(
            "scan",
            null,
            EpilogueTest::recurrent,
            random(44, 8, 8),
            random(45, 5, 8),
            random(46, 8),
            random(47, 6, 3, 5)),
        new Case(
            "gradient of a scan",
            null,
            t ->
                grad((Tensor w) ->
                        recurrent(List.of(w, t.get(1), t.get(2), t.get(3))).square().sum())
                    .apply(t.get(0)),
            random(48, 8, 8),
            random(49, 5, 8),
            random(50, 8),
            random(51, 6, 3, 5)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valuesAreThoseOfTheReference(Case sample) {
    List<Tensor> arguments = List.of(sample.arguments);
    PlanReport plan = jit(sample.f).plan(arguments);
    if (sample.steps != null) {
      assertThat(plan.steps().stream().map(PlanReport.Step::name).filter(s -> !s.equals("copy")))
          .as("%s", plan)
          .isEqualTo(sample.steps);
    }
    Tensor expected = sample.reference();
    Tensor actual = jit(sample.f).apply(arguments);
    assertClose(actual, expected, actual.dtype() == DType.F32 ? 1e-4 : 1e-10);
  }

  /** Temporaries that a fused product no longer needs are not planned, and nothing leaks. */
  @ParameterizedTest
  @MethodSource("cases")
  void plannedBytesAreMeasuredBytes(Case sample) {
    List<Tensor> arguments = List.of(sample.arguments);
    var jitted = jit(sample.f);
    PlanReport plan = jitted.plan(arguments);
    assertThat(LiveMemory.peak(() -> jitted.apply(arguments)))
        .as("%s", plan)
        .isEqualTo(plan.peakBytes());
  }

  @Test
  void theProductNeedsNoMemoryOfItsOwn() {
    var layer = jit((Tensor x, Tensor w, Tensor b) -> x.matmul(w).add(b).tanh());
    PlanReport plan = layer.plan(random(0, 9, 20), random(1, 20, 13), random(2, 13));
    assertThat(plan.workspaceBytes()).isZero();
    PlanReport.Step step = plan.steps().getFirst();
    assertThat(step.computes()).containsExactly("dot_general", "add", "tanh");
    assertThat(step.kernel()).contains(" + epilogue of 2 ops, 1 result");
    assertThat(step.why().getFirst()).contains("+ epilogue (add, tanh) on each part of the result");
    assertThat(step.bytesRead()).isEqualTo((9 * 20 + 20 * 13 + 13) * 8);
    assertThat(step.bytesWritten()).isEqualTo(9 * 13 * 8);
  }

  @Test
  void aBodyOfAScanIsOneProduct() {
    var scan = jit((List<Tensor> t) -> recurrent(t));
    PlanReport plan =
        scan.plan(List.of(random(0, 8, 8), random(1, 5, 8), random(2, 8), random(3, 6, 3, 5)));
    PlanReport.Step step =
        plan.steps().stream().filter(s -> s.name().equals("scan")).findFirst().orElseThrow();
    assertThat(step.parts().getFirst().steps().stream().filter(s -> !s.name().equals("copy")))
        .as("%s", plan)
        .singleElement()
        .extracting(PlanReport.Step::name)
        .isEqualTo("matmul");
  }

  @Test
  void eightThreadsGetTheSameBits() throws Exception {
    List<Tensor> arguments = List.of(random(3, 300, 270), random(4, 270, 310), random(5, 310));
    Fn<List<Tensor>, Tensor> layer = jit((List<Tensor> t) -> linear(t).gelu());
    double[] expected = layer.apply(arguments).toDoubleArray();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        done.add(
            threads.submit(() -> {
              for (int i = 0; i < 10; i++) {
                assertThat(layer.apply(arguments).toDoubleArray()).isEqualTo(expected);
              }
            }));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
  }
}
