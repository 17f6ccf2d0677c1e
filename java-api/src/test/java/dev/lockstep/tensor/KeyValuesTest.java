package dev.lockstep.tensor;

import static dev.lockstep.tensor.DType.F32;
import static dev.lockstep.tensor.DType.F64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.ReferenceBackend;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Compares draws with JAX's, which random_values.py wrote, on processors with FMA instructions. */
class KeyValuesTest {
  private static final Tensor WEIGHTS = Tensor.of(0.1f, 0.4f, 0f, 0.2f, 0.3f);
  private static final Tensor WIDE_WEIGHTS = Tensor.of(0.1, 0.4, 0, 0.2, 0.3);
  private static final Tensor LOGITS =
      Tensor.of(new float[][] {{0, 1, -1, 2}, {3, 0.5f, 0.25f, -2}});
  private static final Tensor WIDE_LOGITS = LOGITS.cast(F64);
  private static final Tensor WIDE_COVARIANCE =
      Tensor.of(new double[][] {{2, 0.6, 0.1}, {0.6, 0.5, -0.2}, {0.1, -0.2, 1}});
  private static final Tensor COVARIANCE = WIDE_COVARIANCE.cast(F32);
  private static final Tensor RATES = Tensor.of(1f, 20f, 5f, 50f, 0f, 9.5f, 10f, 1000f);
  private static final double INFINITE = Double.POSITIVE_INFINITY;
  private static final Tensor ROWS = Tensor.arange(12).reshape(3, 4);

  /** XLA leaves the quotient of exponentials to another library. */
  private static final double DIRICHLET_ULPS = 24;

  /** Of the reference, whose functions round otherwise: XLA's in f64 by far. */
  private static final double REFERENCE_ULPS = 5000;

  /** Draws that are another number where a comparison rounds otherwise. */
  private static final Pattern BY_REJECTION =
      Pattern.compile("poisson\\(.*0\\)|.*poisson\\((mixed|10, .*)|vmap\\(poisson\\)");

  /** A draw of JAX: {@code draw|mode|seed|shape|values}. */
  private record Line(String draw, Key.Mode mode, long seed, Shape shape, List<String> values) {
    static Line of(String text) {
      String[] parts = text.split("\\|", -1);
      long[] extents = list(parts[3], ",").stream().mapToLong(Long::parseLong).toArray();
      return new Line(
          parts[0],
          Key.Mode.valueOf(parts[1]),
          Long.parseLong(parts[2]),
          Shape.of(extents),
          list(parts[4], " "));
    }

    private static List<String> list(String text, String separator) {
      return text.isEmpty() ? List.of() : List.of(text.split(separator));
    }

    /**
     * Returns the largest distance from JAX's values, in units of the last place of the value, or
     * of 1 for smaller ones; infinity of whole numbers that differ.
     */
    double distance(Tensor drawn) {
      assertThat(drawn.shape()).as(draw).isEqualTo(shape);
      double worst = 0;
      for (int i = 0; i < values.size(); i++) {
        worst = Math.max(worst, distance(drawn, i));
      }
      return worst;
    }

    private double distance(Tensor drawn, int i) {
      String value = values.get(i);
      return switch (drawn.dtype()) {
        case F32 -> {
          float expected = Float.intBitsToFloat(Integer.parseUnsignedInt(value, 16));
          double ulp = Math.ulp(Math.max(Math.abs(expected), 1f));
          yield distance(drawn.toFloatArray()[i], expected, ulp);
        }
        case F64 -> {
          double expected = Double.longBitsToDouble(Long.parseUnsignedLong(value, 16));
          double ulp = Math.ulp(Math.max(Math.abs(expected), 1.0));
          yield distance(drawn.toDoubleArray()[i], expected, ulp);
        }
        case BF16 -> throw new AssertionError("no draws of bf16");
        case BOOL -> equal(drawn.toBooleanArray()[i] ? 1 : 0, i);
        case I32 -> equal(drawn.toIntArray()[i], i);
        case I64 -> equal(drawn.toLongArray()[i], i);
      };
    }

    /** Of equal infinities too it is 0. */
    private static double distance(double drawn, double expected, double ulp) {
      return drawn == expected ? 0 : Math.abs(drawn - expected) / ulp;
    }

    private double equal(long drawn, int i) {
      return drawn == Long.parseLong(values.get(i)) ? 0 : Double.POSITIVE_INFINITY;
    }
  }

  @Test
  void everyDrawIsThatOfJaxBitForBit() throws IOException {
    assertThat(
            different(_ -> true, line -> line.draw().startsWith("dirichlet") ? DIRICHLET_ULPS : 0))
        .isEmpty();
  }

  @Test
  void referenceIsNear() throws IOException {
    List<String> different =
        Backends.with(
            ReferenceBackend.INSTANCE,
            () ->
                different(
                    line -> !BY_REJECTION.matcher(line.draw()).matches(), _ -> REFERENCE_ULPS));
    assertThat(different).isEmpty();
  }

  private static List<String> different(Predicate<Line> chosen, ToDoubleFunction<Line> allowed)
      throws IOException {
    List<String> different = new ArrayList<>();
    for (Line line : lines()) {
      if (!chosen.test(line)) {
        continue;
      }
      Key key = Key.of(line.seed(), line.mode());
      try (Tensor drawn = draw(line.draw(), key, line.shape().extents())) {
        double distance = line.distance(drawn);
        if (!(distance <= allowed.applyAsDouble(line))) {
          different.add(
              "%s %s %d: %.1f".formatted(line.draw(), line.mode(), line.seed(), distance));
        }
      }
    }
    return different;
  }

  @Test
  void twentySeedsAndTenShapesAreCompared() throws IOException {
    for (Key.Mode mode : Key.Mode.values()) {
      List<Line> bits =
          lines().stream().filter(l -> l.draw().equals("bits i32") && l.mode() == mode).toList();
      assertThat(bits.stream().map(Line::seed).distinct()).hasSize(20);
      assertThat(bits.stream().map(Line::shape).distinct()).hasSize(10);
    }
  }

  private static List<Line> lines() throws IOException {
    try (InputStream file = KeyValuesTest.class.getResourceAsStream("random.txt")) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().map(Line::of).toList();
    }
  }

  private static Tensor draw(String draw, Key key, long[] shape) {
    return switch (draw) {
      case "bits i32" -> key.bits(DType.I32, shape);
      case "bits i64" -> key.bits(DType.I64, shape);
      case "uniform f32" -> key.uniform(shape);
      case "uniform f64" -> key.uniform(DType.F64, shape);
      case "normal f32" -> key.normal(shape);
      case "normal f64" -> key.normal(DType.F64, shape);
      case "uniform(-3, 5)" -> key.uniform(Shape.of(shape), -3, 5);
      case "uniform(0.1, 0.7)" -> key.uniform(Shape.of(shape), 0.1, 0.7);
      case "uniform(vectors)" -> key.uniform(f32(-0.3, 0.1, 1e3), f32(0.3, 1e4, 1001), shape);
      case "uniform f64(0.1, 0.7)" -> key.uniform(f64(0.1), f64(0.7), shape);
      case "exponential" -> key.exponential(shape);
      case "exponential f64" -> key.exponential(DType.F64, shape);
      case "gumbel" -> key.gumbel(shape);
      case "gumbel f64" -> key.gumbel(DType.F64, shape);
      case "laplace" -> key.laplace(shape);
      case "laplace f64" -> key.laplace(DType.F64, shape);
      case "cauchy" -> key.cauchy(shape);
      case "cauchy f64" -> key.cauchy(DType.F64, shape);
      case "truncatedNormal(-1, 2)" -> key.truncatedNormal(-1, 2, shape);
      case "truncatedNormal(vectors)" ->
          key.truncatedNormal(f32(-INFINITE, 0.3, 2), f32(0.7, INFINITE, 2.5), shape);
      case "truncatedNormal f64(-1, 2)" -> key.truncatedNormal(f64(-1), f64(2), shape);
      case "gamma(0.3)" -> key.gamma(0.3, shape);
      case "gamma(2.5)" -> key.gamma(2.5, shape);
      case "gamma f64(0.3)" -> key.gamma(f64(0.3), shape);
      case "gamma f64(2.5)" -> key.gamma(f64(2.5), shape);
      case "gamma(0.1, 1, 10, 100)" -> key.gamma(f32(0.1, 1, 10, 100), shape);
      case "logGamma(0.01)" -> key.logGamma(Tensor.scalar(0.01f), shape);
      case "logGamma f64(0.01)" -> key.logGamma(f64(0.01), shape);
      case "beta(0.5, 2)" -> key.beta(0.5, 2, shape);
      case "beta f64(0.5, 2)" -> key.beta(f64(0.5), f64(2), shape);
      case "dirichlet(0.5, 1, 4)" -> key.dirichlet(f32(0.5, 1, 4), shape[0]);
      case "dirichlet(9)" -> key.dirichlet(Tensor.arange(9).add(1).cast(F32), shape[0]);
      case "dirichlet f64(0.5, 1, 4)" -> key.dirichlet(Tensor.of(0.5, 1, 4), shape[0]);
      case "multivariateNormal" -> key.multivariateNormal(f32(1, -2, 0.5), COVARIANCE, shape[0]);
      case "multivariateNormal f64" ->
          key.multivariateNormal(Tensor.of(1, -2, 0.5), WIDE_COVARIANCE, shape[0]);
      case "poisson(0.5, 3, 9.5, 0)" -> key.poisson(f32(0.5, 3, 9.5, 0), shape);
      case "poisson(10, 20, 50)" -> key.poisson(f32(10, 20, 50), shape);
      case "poisson(mixed)" -> key.poisson(RATES, shape);
      case "poisson(30000)" -> key.poisson(30000, shape);
      case "poisson(3)" -> key.poisson(3, shape);
      case "bernoulli(0.3)" -> key.bernoulli(0.3, shape);
      case "bernoulli(vectors)" -> key.bernoulli(f32(0.1, 0.5, 0.99), shape);
      case "bernoulli f64(0.3)" -> key.bernoulli(f64(0.3), shape);
      case "randint(all)" -> key.randint(Integer.MIN_VALUE, Integer.MAX_VALUE, shape);
      case "randint(vectors)" ->
          key.randint(Tensor.of(-5, 0, 7), Tensor.of(5, Integer.MAX_VALUE, 3), shape);
      case "randint(0, 10)" -> key.randint(0, 10, shape);
      case "randint(-1000000, 2000000000)" -> key.randint(-1_000_000, 2_000_000_000, shape);
      case "randint(5, 5)" -> key.randint(5, 5, shape);
      case "randint i64(-5, 10^17)" -> key.randint(i64(-5), i64(100_000_000_000_000_000L), shape);
      case "randint i64(all)" -> key.randint(i64(Long.MIN_VALUE), i64(Long.MAX_VALUE), shape);
      case "permutation(1)" -> key.permutation(1);
      case "permutation(100)" -> key.permutation(100);
      case "permutation(2000)" -> key.permutation(2000);
      case "permutation(rows)" -> key.permutation(ROWS, 1);
      case "permutation(columns)" -> key.permutation(ROWS, 0);
      case "shuffle(columns)" -> key.shuffle(ROWS, 0);
      case "shuffle(rows)" -> key.shuffle(ROWS, 1);
      case "choice(10)" -> key.choice(Tensor.arange(10), shape);
      case "choice(weights)" -> key.choice(Tensor.arange(5), WEIGHTS, shape);
      case "choice f64(weights)" -> key.choice(Tensor.arange(5), WIDE_WEIGHTS, shape);
      case "choiceWithoutReplacement(10)" -> key.choiceWithoutReplacement(Tensor.arange(10), shape);
      case "choiceWithoutReplacement(weights)" ->
          key.choiceWithoutReplacement(Tensor.arange(5), WEIGHTS, shape);
      case "categorical(logits)" -> key.categorical(LOGITS);
      case "categorical(logits, draws)" -> key.categorical(LOGITS, shape);
      case "categorical f64(logits, draws)" -> key.categorical(WIDE_LOGITS, shape);
      case "split(5)" -> key.split(5).words();
      case "split(1)" -> key.split(1).words();
      case "foldIn(7)" -> key.foldIn(7).words();
      case "foldIn(4000000000)" -> key.foldIn(4_000_000_000L).words();
      case "vmap(normal)" -> ofEach(key, k -> k.normal(5));
      case "vmap(gamma)" -> ofEach(key, k -> k.gamma(0.7, 5));
      case "vmap(poisson)" -> ofEach(key, k -> k.poisson(RATES));
      default -> throw new IllegalArgumentException(draw);
    };
  }

  /** Draws of seven keys. */
  private static Tensor ofEach(Key key, Function<Key, Tensor> draw) {
    Key keys = key.split(7);
    return Tensor.stack(
        0, LongStream.range(0, 7).mapToObj(keys::get).map(draw).toArray(Tensor[]::new));
  }

  private static Tensor f32(double... values) {
    return Tensor.of(values).cast(F32);
  }

  private static Tensor f64(double value) {
    return Tensor.scalar(value);
  }

  private static Tensor i64(long value) {
    return Tensor.scalar(value);
  }
}
