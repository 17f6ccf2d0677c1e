package dev.lockstep;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.PlanReport;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.NativeMemory;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Scope;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs whose loops go row by row. Those over many rows run block by block; those over few are
 * loops one after the other, and give the same rows.
 */
class RowProgramsTest {
  private static final String TOGETHER = "run together";
  private static final int ROWS = 3001;
  private static final int COLUMNS = 100;

  private static Tensor uniform(int seed, long... extents) {
    return Key.of(seed).uniform(extents).mul(4.0).sub(2.0);
  }

  /** A function of rows {@code x}, {@code c} of f32[n, 100] and one row {@code g}. */
  record Case(String name, Fn3<Tensor, Tensor, Tensor, Tensor> f) {
    @Override
    public String toString() {
      return name;
    }

    Tensor apply(List<Tensor> t) {
      return f.apply(t.get(0), t.get(1), t.get(2));
    }

    Fn<List<Tensor>, Tensor> forward() {
      return this::apply;
    }

    /** Returns the gradients by x and c of all elements' sum. */
    Fn<List<Tensor>, List<Tensor>> gradient() {
      return t -> {
        Tensor g = t.get(2);
        Fn<List<Tensor>, Tensor> sum = xc -> f.apply(xc.get(0), xc.get(1), g).sum();
        return grad(sum).apply(t.subList(0, 2));
      };
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("softmax", (x, c, g) -> x.softmax(-1).mul(c)),
        new Case("logSoftmax", (x, c, g) -> x.logSoftmax(-1).mul(c)),
        new Case("logSumExp", (x, c, g) -> x.logSumExp(-1).expandDims(-1).square()),
        new Case("layerNorm", (x, c, g) -> Nn.layerNorm(x, g, g, 1e-5).mul(c)),
        new Case("rmsNorm", (x, c, g) -> Nn.rmsNorm(x, g, 1e-6).mul(c)),
        new Case(
            "masked softmax",
            (x, c, g) -> {
              Tensor masked = Tensor.where(c.greater(Tensor.scalar(-1f)), x.mul(0.125), -1e30);
              return masked.softmax(-1).mul(c);
            }),
        new Case("variance", (x, c, g) -> x.mul(c).var(-1).sqrt().expandDims(-1)),
        new Case("softmax in vmap", (x, c, g) -> vmap((Tensor a) -> a.softmax(0)).apply(x).mul(c)),
        new Case(
            "gradients an example",
            (x, c, g) ->
                vmap(grad((Tensor a, Tensor b) -> a.softmax(0).mul(b).sum()), in(0, 0))
                    .apply(x, c)),
        new Case("bf16", (x, c, g) -> x.cast(DType.BF16).softmax(-1).cast(DType.F32).mul(c)));
  }

  private static List<Tensor> arguments(long rows) {
    return List.of(uniform(1, rows, COLUMNS), uniform(2, rows, COLUMNS), uniform(3, COLUMNS));
  }

  private static List<Tensor> fewRows(List<Tensor> t, long first, long end) {
    return List.of(rows(t.get(0), first, end), rows(t.get(1), first, end), t.get(2));
  }

  private static Tensor rows(Tensor x, long first, long end) {
    return x.slice(new long[] {first, 0}, new long[] {end, x.shape().extent(1)});
  }

  private static void assertSameBits(Tensor actual, Tensor expected) {
    assertThat(actual.type()).isEqualTo(expected.type());
    assertThat(Arrays.equals(actual.toFloatArray(), expected.toFloatArray())).isTrue();
  }

  private static void assertSameRows(Case sample, List<Tensor> t) {
    Tensor forward = jit(sample.forward()).apply(t);
    List<Tensor> gradient = jit(sample.gradient()).apply(t);
    long n = t.getFirst().shape().extent(0);
    for (long first : new long[] {0, n / 2 - 3, n - 7}) {
      List<Tensor> few = fewRows(t, first, first + 7);
      assertSameBits(rows(forward, first, first + 7), sample.apply(few));
      List<Tensor> gradientOfFew = sample.gradient().apply(few);
      for (int i = 0; i < 2; i++) {
        assertSameBits(rows(gradient.get(i), first, first + 7), gradientOfFew.get(i));
      }
    }
  }

  private static String plan(Case sample, List<Tensor> t) {
    return jit(sample.gradient()).plan(t).toString();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void manyRowsRunTogetherAndGiveTheSameBits(Case sample) {
    try (Scope _ = Scope.open()) {
      List<Tensor> many = arguments(ROWS);
      assertThat(plan(sample, many)).contains(TOGETHER);
      assertThat(plan(sample, fewRows(many, 0, 7))).doesNotContain(TOGETHER);
      assertSameRows(sample, many);
    }
  }

  /** Values over all elements, over rows kept as an axis, and over columns. */
  private static Tensor random(Random random, Tensor x, Tensor c, Tensor g) {
    List<Tensor> full = new ArrayList<>(List.of(x, c));
    List<Tensor> kept = new ArrayList<>(List.of(x.mean(new int[] {-1}).expandDims(-1)));
    for (int i = 0; i < 6 + random.nextInt(6); i++) {
      Tensor a = full.get(random.nextInt(full.size()));
      Tensor b = full.get(random.nextInt(full.size()));
      Tensor row = kept.get(random.nextInt(kept.size()));
      switch (random.nextInt(9)) {
        case 0 -> full.add(a.mul(b));
        case 1 -> full.add(a.sub(row));
        case 2 -> full.add(a.sub(row).tanh());
        case 3 -> full.add(a.mul(g).add(b));
        case 4 -> full.add(a.softmax(-1));
        case 5 -> full.add(a.sigmoid().div(row.exp()));
        case 6 -> kept.add(a.tanh().sum(new int[] {-1}).expandDims(-1).mul(0.1));
        case 7 -> kept.add(a.max(-1).expandDims(-1).tanh());
        default -> kept.add(row.square().add(1.0).log());
      }
    }
    return full.getLast().add(kept.getLast()).tanh();
  }

  @Test
  void randomProgramsGiveTheSameBits() {
    int together = 0;
    for (int seed = 0; seed < 60; seed++) {
      int number = seed;
      Case sample = new Case("seed " + seed, (x, c, g) -> random(new Random(number), x, c, g));
      try (Scope _ = Scope.open()) {
        List<Tensor> t = arguments(ROWS + seed);
        together += plan(sample, t).contains(TOGETHER) ? 1 : 0;
        assertSameRows(sample, t);
      } catch (AssertionError e) {
        throw new AssertionError(sample.name() + ": " + e.getMessage(), e);
      }
    }
    assertThat(together).isGreaterThan(55);
  }

  @Test
  void eightThreadsGiveTheSameBits() throws Exception {
    Case sample = cases().findFirst().orElseThrow();
    List<Tensor> t = arguments(ROWS);
    var gradient = jit(sample.gradient());
    List<Tensor> expected = gradient.apply(t);
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      List<Future<List<Tensor>>> results = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Callable<List<Tensor>> call = () -> gradient.apply(t);
        results.add(pool.submit(call));
      }
      for (Future<List<Tensor>> result : results) {
        assertSameBits(result.get().getFirst(), expected.getFirst());
      }
    }
  }

  @Test
  void valuesWithinBlocksNeedNoMemoryOfTheirOwn() {
    List<Tensor> t =
        List.of(uniform(1, 40_000, COLUMNS), uniform(2, 40_000, COLUMNS), uniform(3, COLUMNS));
    var softmax = jit((Tensor x) -> x.softmax(-1));
    PlanReport plan = softmax.plan(t.getFirst());
    long matrix = 40_000 * COLUMNS * 4;
    assertThat(plan.workspaceBytes()).as("%s", plan).isLessThan(matrix / 10);
    long measured = 0;
    softmax.apply(t.getFirst()).close();
    for (int i = 0; i < 5 && measured != plan.peakBytes(); i++) {
      NativeMemory.collect();
      NativeMemory.resetPeak();
      long before = NativeMemory.statistics().live();
      softmax.apply(t.getFirst()).close();
      measured = NativeMemory.statistics().peak() - before;
    }
    assertThat(measured).isEqualTo(plan.peakBytes());
  }

  @Test
  void nothingLeaks() {
    Case sample = cases().findFirst().orElseThrow();
    List<Tensor> t = arguments(ROWS);
    var gradient = jit(sample.gradient());
    gradient.apply(t).forEach(Tensor::close);
    NativeMemory.collect();
    long before = NativeMemory.statistics().live();
    for (int i = 0; i < 20; i++) {
      gradient.apply(t).forEach(Tensor::close);
    }
    NativeMemory.collect();
    assertThat(NativeMemory.statistics().live()).isLessThanOrEqualTo(before);
  }
}
