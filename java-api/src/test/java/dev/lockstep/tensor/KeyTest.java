package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.IndexException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.primitive.BackendTest;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Checks shapes, dtypes, distributions and errors of {@link Key}. */
class KeyTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final int MANY = 100_000;

  @BackendTest
  void keysAreTheWordsOfTheSeed() {
    assertThat(Key.of(5).words().toIntArray()).containsExactly(0, 5);
    assertThat(Key.of(-1).words().toIntArray()).containsExactly(-1, -1);
    assertThat(Key.of((3L << 32) + 7).words().toIntArray()).containsExactly(3, 7);
    assertThat(Key.of(5).shape()).isEqualTo(Shape.of());
    assertThat(Key.of(5).mode()).isEqualTo(Key.Mode.PARTITIONABLE);
  }

  /** Calls every method that takes extents with {@code [2, 3]}, and its twin with the shape. */
  @Test
  void everyDrawTakesAShape() throws ReflectiveOperationException {
    Map<Class<?>, Object> arguments =
        Map.of(
            DType.class, DType.F32, int.class, 1, double.class, 0.25, Tensor.class, Tensor.of(0.5));
    Set<String> drawn = new TreeSet<>();
    for (Method method : Key.class.getMethods()) {
      List<Class<?>> types = new ArrayList<>(List.of(method.getParameterTypes()));
      if (types.isEmpty() || types.removeLast() != long[].class) {
        continue;
      }
      Object[] values = types.stream().map(arguments::get).toArray();
      switch (method.getName()) {
        case "bits" -> values[0] = DType.I32;
        case "multivariateNormal" -> values[1] = Tensor.of(new double[][] {{2}});
        case "randint" -> values[1] = values[0] instanceof Tensor ? Tensor.of(9) : (Object) 9;
        case "choice", "choiceWithoutReplacement" -> {
          values[0] = Tensor.arange(8);
          values[values.length - 1] = values.length == 1 ? values[0] : Tensor.ones(8);
        }
        default -> {}
      }
      if (method.getName().equals("randint") && values[0] instanceof Tensor) {
        values[0] = Tensor.of(1);
      }
      types.add(Shape.class);
      Method twin = Key.class.getMethod(method.getName(), types.toArray(Class<?>[]::new));
      Tensor expected = draw(method, values, new long[] {2, 3});
      Tensor got = draw(twin, values, Shape.of(2, 3));
      assertThat(got.type()).as(method.toString()).isEqualTo(expected.type());
      assertThat(got.toNested()).as(method.toString()).isEqualTo(expected.toNested());
      drawn.add(method.getName());
    }
    assertThat(drawn).hasSize(19);
  }

  private static Tensor draw(Method method, Object[] values, Object shape)
      throws ReflectiveOperationException {
    Object[] all = Arrays.copyOf(values, values.length + 1);
    all[values.length] = shape;
    return (Tensor) method.invoke(Key.of(3), all);
  }

  @BackendTest
  void splitGivesABatchOfKeys() {
    for (Key.Mode mode : Key.Mode.values()) {
      Key keys = Key.of(1, mode).split(3);
      assertThat(keys.shape()).isEqualTo(Shape.of(3));
      assertThat(keys.mode()).isEqualTo(mode);
      assertThat(keys.get(-1).words().toIntArray()).isEqualTo(keys.get(2).words().toIntArray());
      assertThat(keys.get(0).uniform().item()).isNotEqualTo(keys.get(1).uniform().item());
      assertThat(Key.of(1, mode).split().shape()).isEqualTo(Shape.of(2));
      assertThat(Key.of(1, mode).split(0).words().shape()).isEqualTo(Shape.of(0, 2));
    }
  }

  @BackendTest
  void foldInTakesNumbersAndTensors() {
    int[] expected = Key.of(9).foldIn(77).words().toIntArray();
    assertThat(Key.of(9).foldIn(Tensor.scalar(77)).words().toIntArray()).isEqualTo(expected);
    assertThat(Key.of(9).foldIn(Tensor.scalar(77L)).words().toIntArray()).isEqualTo(expected);
    assertThat(Key.of(9).foldIn(Tensor.scalar(-1)).words().toIntArray())
        .isEqualTo(Key.of(9).foldIn(0xffffffffL).words().toIntArray());
    assertThat(Key.of(9).foldIn(78).words().toIntArray()).isNotEqualTo(expected);
  }

  @BackendTest
  void drawsHaveTheDtypeOfTheirParameters() {
    Key key = Key.of(0);
    Tensor half = Tensor.scalar(0.5);
    assertThat(key.normal(2, 3).type()).hasToString("f32[2, 3]");
    assertThat(key.normal(DType.F64, 0, 3).type()).hasToString("f64[0, 3]");
    assertThat(key.gamma(0.5, 2).type()).hasToString("f32[2]");
    assertThat(key.gamma(half).type()).hasToString("f64[]");
    assertThat(key.gamma(half, 0).type()).hasToString("f64[0]");
    assertThat(key.beta(half, Tensor.of(1f, 2f)).type()).hasToString("f64[2]");
    assertThat(key.dirichlet(Tensor.ones(4, 3)).type()).hasToString("f32[4, 3]");
    assertThat(key.uniform(Shape.of(2), -1, 1).type()).hasToString("f32[2]");
    assertThat(key.truncatedNormal(half, Tensor.of(1.0, 2.0), 3, 2).type())
        .hasToString("f64[3, 2]");
    assertThat(key.poisson(half, 2).type()).hasToString("i32[2]");
    assertThat(key.bernoulli(half, 2).type()).hasToString("bool[2]");
    assertThat(key.randint(0, 9, 2).type()).hasToString("i32[2]");
    assertThat(key.randint(Tensor.scalar(0L), Tensor.of(3, 4)).type()).hasToString("i64[2]");
    assertThat(key.categorical(Tensor.ones(4, 3)).type()).hasToString("i32[4]");
    assertThat(key.choice(Tensor.ones(4, 3), 5).type()).hasToString("f32[5, 3]");
    assertThat(key.permutation(Tensor.ones(4, 3), -1).type()).hasToString("f32[4, 3]");
  }

  @Test
  void threadsDrawTheSame() throws Exception {
    Key key = Key.of(6);
    float[] normal = key.normal(300_000).toFloatArray();
    float[] gamma = key.gamma(0.7, 500).toFloatArray();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        done.add(
            threads.submit(() -> {
              for (int i = 0; i < 5; i++) {
                assertThat(key.normal(300_000).toFloatArray()).isEqualTo(normal);
                assertThat(key.gamma(0.7, 500).toFloatArray()).isEqualTo(gamma);
              }
            }));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
  }

  @Test
  void drawsLeaveNoMemory() {
    Runnable draws =
        () -> {
          try (Scope _ = Scope.open()) {
            Key keys = Key.of(0).split(6);
            keys.get(0).normal(1000);
            keys.get(1).gamma(0.5, 100);
            keys.get(2).poisson(20, 100);
            keys.get(3).permutation(1000);
            keys.get(4).choice(Tensor.arange(3), Tensor.of(0.5, 0.2, 0.3), 50);
            keys.get(5).foldIn(3).randint(0, 10, 100);
          }
        };
    draws.run();
    NativeMemory.collect();
    long before = NativeMemory.statistics().live();
    for (int i = 0; i < 100; i++) {
      draws.run();
    }
    // Less if something of another test became unreachable meanwhile.
    assertThat(NativeMemory.statistics().live()).isLessThanOrEqualTo(before);
  }

  /** A linear layer that JAX's notebook on vmap prints, with weights and inputs from one key. */
  @BackendTest
  void aPublishedLayer() {
    Key key = Key.of(0, Key.Mode.ORIGINAL);
    Tensor outputs = key.normal(64, 100).matmul(key.normal(16, 100).get(0));
    float[] expected = {
      -1.3889999f,
      -20.13941f,
      -15.254608f,
      12.268584f,
      -11.333851f,
      22.630579f,
      0.6938019f,
      -13.827613f,
      11.879179f,
      -3.9626598f
    };
    assertThat(Arrays.copyOf(outputs.toFloatArray(), expected.length))
        .containsExactly(expected, within(1e-5f));
  }

  @Test
  void momentsAreThoseOfTheDistribution() {
    Key keys = Key.of(20).split(12);
    assertMoments(keys.get(0).uniform(Shape.of(MANY), -1, 5), 2, 3);
    assertMoments(keys.get(1).normal(MANY), 0, 1);
    assertMoments(keys.get(2).exponential(MANY), 1, 1);
    assertMoments(keys.get(3).gumbel(MANY), 0.5772156649, Math.PI * Math.PI / 6);
    assertMoments(keys.get(4).laplace(MANY), 0, 2);
    assertMoments(keys.get(5).gamma(0.4, MANY), 0.4, 0.4);
    assertMoments(keys.get(6).gamma(7, MANY), 7, 7);
    assertMoments(keys.get(7).beta(2, 3, MANY), 0.4, 0.04);
    assertMoments(keys.get(8).poisson(4.5, MANY), 4.5, 4.5);
    assertMoments(keys.get(9).poisson(60, MANY), 60, 60);
    assertMoments(keys.get(10).randint(0, 11, MANY), 5, 10);
    assertMoments(keys.get(11).bernoulli(0.2, MANY).cast(DType.F64), 0.2, 0.16);
  }

  private static void assertMoments(Tensor draws, double mean, double variance) {
    double deviation = Math.sqrt(variance / MANY);
    Tensor wide = draws.cast(DType.F64);
    assertThat(wide.mean().item()).isCloseTo(mean, within(4 * deviation));
    assertThat(wide.var().item()).isCloseTo(variance, within(0.04 * variance));
  }

  @Test
  void quantilesAreThoseOfTheDistribution() {
    assertThat(Key.of(1).cauchy(MANY).quantile(0.75).item()).isCloseTo(1, within(0.02));
    assertThat(Key.of(2).normal(MANY).quantile(0.975).item()).isCloseTo(1.96, within(0.03));
    Tensor tail = Key.of(3).truncatedNormal(2, INF, MANY);
    assertThat(tail.min().item()).isGreaterThanOrEqualTo(2);
    assertThat(tail.mean().item()).isCloseTo(2.3732, within(0.01));
    Tensor rows = Key.of(4).dirichlet(Tensor.of(1.0, 2.0, 5.0), MANY);
    assertThat(rows.sum(1).sub(1.0).abs().max().item()).isLessThan(1e-14);
    assertThat(rows.mean(0).toDoubleArray())
        .containsExactly(new double[] {0.125, 0.25, 0.625}, within(0.005));
  }

  @Test
  void multivariateNormalsHaveTheirCovariance() {
    Tensor mean = Tensor.of(1.0, -2);
    Tensor covariance = Tensor.of(new double[][] {{2, 0.6}, {0.6, 0.5}});
    Tensor draws = Key.of(5).multivariateNormal(mean, covariance, MANY);
    assertThat(draws.type()).hasToString("f64[100000, 2]");
    Tensor centred = draws.sub(mean);
    assertThat(centred.mean(0).abs().max().item()).isLessThan(0.02);
    Tensor found = centred.transpose().matmul(centred).div((double) MANY);
    assertThat(found.toDoubleArray()).containsExactly(covariance.toDoubleArray(), within(0.03));
    Tensor two = Tensor.stack(0, covariance, covariance.mul(4.0));
    Tensor each = Key.of(5).multivariateNormal(mean, two, 3, 2);
    assertThat(each.type()).hasToString("f64[3, 2, 2]");
    assertThat(Key.of(5).multivariateNormal(mean, two).type()).hasToString("f64[2, 2]");
    Tensor same = Key.of(5).multivariateNormal(mean, covariance, 3, 2);
    double[] scaled = each.sub(mean).get(0).get(1).toDoubleArray();
    assertThat(same.sub(mean).get(0).get(1).mul(2.0).toDoubleArray())
        .containsExactly(scaled, within(1e-12));
    assertThatThrownBy(() -> Key.of(5).multivariateNormal(Tensor.ones(3), covariance))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "multivariateNormal: expected a mean […, n] and a covariance […, n, n], got f32[3] and"
                + " f64[2, 2]");
  }

  @Test
  void frequenciesAreTheProbabilities() {
    Tensor weights = Tensor.of(1f, 0f, 3f, 4f);
    double[] expected = {0.125, 0, 0.375, 0.5};
    Tensor numbers = Tensor.arange(4);
    assertFrequencies(Key.of(1).choice(numbers, weights, MANY), expected);
    assertFrequencies(Key.of(2).categorical(weights.log(), MANY), expected);
    assertFrequencies(Key.of(3).choice(numbers, MANY), 0.25, 0.25, 0.25, 0.25);
    Tensor two = Key.of(4).choiceWithoutReplacement(numbers, weights, 2);
    assertThat(two.get(0).item()).isNotEqualTo(two.get(1).item());
  }

  private static void assertFrequencies(Tensor drawn, double... expected) {
    double[] counts = drawn.cast(DType.I32).oneHot(4, DType.F64).mean(0).toDoubleArray();
    assertThat(counts).containsExactly(expected, within(0.007));
  }

  @BackendTest
  void permutationsHoldEachElementOnce() {
    Tensor order = Key.of(1).permutation(1000);
    assertThat(order.sort(0).toIntArray()).isEqualTo(Tensor.arange(1000).toIntArray());
    assertThat(order.toIntArray()).isNotEqualTo(Tensor.arange(1000).toIntArray());
    assertThat(Key.of(1).permutation(0).toIntArray()).isEmpty();
    Tensor x = Tensor.arange(12).reshape(3, 4);
    Tensor rows = Key.of(2).shuffle(x, 1);
    assertThat(rows.sort(1).toIntArray()).isEqualTo(x.toIntArray());
    Tensor columns = Key.of(2).permutation(x, 1);
    assertThat(columns.sub(columns.get(0)).toIntArray())
        .containsExactly(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8);
    Tensor few = Key.of(3).choiceWithoutReplacement(Tensor.arange(5), 5);
    assertThat(few.sort(0).toIntArray()).containsExactly(0, 1, 2, 3, 4);
  }

  @BackendTest
  void edgesOfParameters() {
    Key key = Key.of(4);
    assertThat(key.bernoulli(0, 50).any().itemBoolean()).isFalse();
    assertThat(key.bernoulli(1, 50).all().itemBoolean()).isTrue();
    assertThat(key.poisson(0, 5).toIntArray()).containsOnly(0);
    assertThat(key.poisson(Double.NaN, 2).toIntArray()).containsOnly(-1);
    assertThat(key.gamma(Double.NaN, 2).isNan().all().itemBoolean()).isTrue();
    assertThat(key.logGamma(Tensor.scalar(1e-6f), 20).isFinite().all().itemBoolean()).isTrue();
    assertThat(key.randint(3, 3, 4).toIntArray()).containsOnly(3);
    assertThat(key.randint(Integer.MIN_VALUE, Integer.MAX_VALUE, 500).min().item()).isNegative();
    double smallest = key.uniform(Shape.of(1000), 1, Math.nextUp(1f)).min().item();
    assertThat(smallest).isEqualTo(1);
    Tensor narrow = key.truncatedNormal(0.5, 0.5000001, 50);
    assertThat(narrow.min().item()).isGreaterThanOrEqualTo(0.5);
    assertThat(key.truncatedNormal(-INF, INF, 50).isFinite().all().itemBoolean()).isTrue();
  }

  @Test
  void errorsSayWhatToDo() {
    Key key = Key.of(0);
    Key keys = key.split(4);
    assertThatThrownBy(() -> keys.normal(3))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "normal: expected one key, got [4] keys. Map over them: vmap(key -> key.normal(…)), or"
                + " take one: keys.get(0)");
    assertThatThrownBy(() -> key.get(0))
        .isInstanceOf(ShapeException.class)
        .hasMessage("get: this is a single key; split it first: key.split(2).get(0)");
    assertThatThrownBy(() -> keys.get(4)).isInstanceOf(IndexException.class);
    assertThatThrownBy(() -> key.split(-1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("split: expected a count of at least 0, got -1");
    assertThatThrownBy(() -> key.foldIn(-1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("foldIn: expected data in [0, 2^32), got -1");
    assertThatThrownBy(() -> key.foldIn(Tensor.of(1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("foldIn: expected a scalar, got i32[2]. For each of many: vmap(key::foldIn)");
    assertThatThrownBy(() -> new Key(Tensor.of(1, 2, 3), Key.Mode.ORIGINAL).normal())
        .isInstanceOf(ShapeException.class)
        .hasMessage("normal: expected a key of words i32[2] or i32[…, 2], got i32[3]");
    assertThatThrownBy(() -> key.bits(DType.F32, 2))
        .isInstanceOf(DTypeException.class)
        .hasMessage("bits: expected i32 or i64, got f32");
    assertThatThrownBy(() -> key.normal(DType.I32, 2))
        .isInstanceOf(DTypeException.class)
        .hasMessage("normal: expected f32 or f64, got i32");
    assertThatThrownBy(() -> key.gamma(Tensor.of(1, 2)))
        .isInstanceOf(DTypeException.class)
        .hasMessage(
            "gamma: expected f32 or f64 parameters, got i32[2]. Cast them:" + " x.cast(DType.F32)");
    assertThatThrownBy(() -> key.bernoulli(Tensor.of(0.5, 0.2), 2, 3))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "bernoulli: the parameters' shape [2] does not broadcast to the draw's, [2, 3]. Put the"
                + " draws first: [n, 2]");
    assertThatThrownBy(() -> key.randint(Tensor.of(0.5), Tensor.of(2)))
        .isInstanceOf(DTypeException.class)
        .hasMessage("randint: expected integers, got f64[1] and i32[1]");
    assertThatThrownBy(() -> key.choice(Tensor.arange(3), Tensor.of(0.5, 0.5), 2))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "choice: expected a vector of 3 weights, one for each slice of i32[3], got f64[2]");
    assertThatThrownBy(() -> key.choice(Tensor.scalar(3), 2))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "choice: expected slices along axis 0, got i32[]. Of n numbers: Tensor.arange(n)");
    assertThatThrownBy(() -> key.choiceWithoutReplacement(Tensor.arange(3), 2, 2))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "choiceWithoutReplacement: there are 3 slices in i32[3], too few for draws [2, 2]");
    assertThatThrownBy(() -> key.categorical(Tensor.scalar(1f)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("categorical: expected a last axis of at least one element, got f32[]");
    assertThatThrownBy(() -> key.permutation(-1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("permutation: expected n of 0 to 2^31 - 1, got -1");
  }
}
