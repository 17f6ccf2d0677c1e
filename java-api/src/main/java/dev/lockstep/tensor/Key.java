package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;

/**
 * A key of random numbers: 64 bits from which every draw follows. The same key gives the same
 * numbers everywhere, on any number of threads, and they are JAX's: Threefry-2x32 (Salmon and
 * others, "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Draws are equal to those of JAX
 * 0.10.2 on a CPU bit for bit, but for the last bits of a few that {@code docs/from-jax.md} names.
 * On processors without FMA instructions (before 2013) the last bits of draws differ from those on
 * others, as they do in JAX.
 *
 * <p>Nothing is hidden in a key: two draws from one key are the same numbers. Split it first, and
 * use each part once.
 *
 * <pre>{@code
 * Key keys = Key.of(42).split(2);
 * Tensor w = keys.get(0).normal(64, 100);
 * Tensor x = keys.get(1).uniform(16, 100);
 * }</pre>
 *
 * <p>A key is a tree (see {@link Tree}), so functions take keys as arguments, loops carry them, and
 * {@code vmap} maps over the keys that {@link #split(long)} gives: {@code vmap(k -> k.normal(3))}.
 * Methods without a dtype draw f32; with parameters, the draw has their dtype, and Java numbers as
 * parameters give f32. Draws have derivatives with respect to their parameters. Each takes its
 * shape as numbers or as a {@link Shape}: {@code key.normal(x.shape())}. A shape that is not given,
 * or has no axes, is that of the parameters.
 *
 * <p>With the system property {@code lockstep.debug.keys=true}, using a key twice, for draws or
 * splits, throws a {@link dev.lockstep.error.KeyReuseException} that names both lines. It is seen
 * where functions are traced; {@link #foldIn(long)} is no use, and keys that are made of one seed
 * again are other keys.
 *
 * @param words {@code i32[2]}, or {@code i32[…, 2]} for a batch of keys
 * @param mode how the numbers of a draw are counted
 */
public record Key(Tensor words, Mode mode) {
  /** How the numbers of a draw are counted: JAX's {@code jax_threefry_partitionable}. */
  public enum Mode {
    /** A counter of 64 bits for each number: on, JAX's default. */
    PARTITIONABLE,
    /** Counters of 32 bits, the first half paired with the second: off, the default up to 2024. */
    ORIGINAL
  }

  /** Returns the key of a seed, {@code jax.random.key(seed)} with 64-bit integers. */
  public static Key of(long seed) {
    return of(seed, Mode.PARTITIONABLE);
  }

  /** Returns the key of a seed in one of JAX's modes. */
  public static Key of(long seed, Mode mode) {
    return new Key(Tensor.of((int) (seed >>> Integer.SIZE), (int) seed), mode);
  }

  /** Returns the shape of a batch of keys, {@code []} for one. */
  public Shape shape() {
    return shape("key");
  }

  private Shape shape(String op) {
    Shape shape = words.shape();
    if (words.dtype() != DType.I32 || shape.rank() == 0 || shape.extent(shape.rank() - 1) != 2) {
      throw new ShapeException(
          op + ": expected a key of words i32[2] or i32[…, 2], got " + words.type());
    }
    return shape.remove(shape.rank() - 1);
  }

  /**
   * Returns key {@code index} of a batch; negative indices count from the end.
   *
   * @throws ShapeException if this is a single key
   * @throws dev.lockstep.error.IndexException if the index is out of range
   */
  public Key get(long index) {
    if (shape("get").rank() == 0) {
      throw new ShapeException("get: this is a single key; split it first: key.split(2).get(0)");
    }
    Tensor element = words.get(index);
    KeyUses.recordElement(words, index, element);
    return new Key(element, mode);
  }

  /** Returns two independent keys, as a batch. */
  public Key split() {
    return split(2);
  }

  /** Returns so many independent keys, as a batch. */
  public Key split(long count) {
    if (count < 0) {
      throw new ShapeException("split: expected a count of at least 0, got " + count);
    }
    Tensor key = use("split");
    return new Key(Trace.staged(() -> KeyBits.split(key, mode, count)), mode);
  }

  /**
   * Returns another key for each number, for example that of a step.
   *
   * @param data in {@code [0, 2^32)}
   */
  public Key foldIn(long data) {
    if (data >>> Integer.SIZE != 0) {
      throw new ShapeException("foldIn: expected data in [0, 2^32), got " + data);
    }
    return foldIn(Tensor.scalar(data));
  }

  /** As {@link #foldIn(long)}, with the low 32 bits of an integer scalar. */
  public Key foldIn(Tensor data) {
    Tensor key = single("foldIn");
    if (data.rank() != 0) {
      throw new ShapeException(
          "foldIn: expected a scalar, got %s. For each of many: vmap(key::foldIn)"
              .formatted(data.type()));
    }
    if (!data.dtype().isInteger()) {
      throw new DTypeException("foldIn: expected an integer, got " + data.type());
    }
    return new Key(
        Trace.staged(() -> {
          Tensor wide = ElementwiseOps.convert(data, DType.I64);
          return KeyBits.foldIn(key, wide.and(KeyBits.whole(wide, 0xffffffffL)));
        }),
        mode);
  }

  /**
   * Returns random bits.
   *
   * @param dtype i32 or i64
   */
  public Tensor bits(DType dtype, long... shape) {
    if (!dtype.isInteger()) {
      throw new DTypeException("bits: expected i32 or i64, got " + dtype);
    }
    Shape drawn = Shape.of("bits", shape);
    Tensor key = use("bits");
    return Trace.staged(() -> KeyBits.bits(key, mode, dtype, drawn));
  }

  /** As {@link #bits(DType, long...)}. */
  public Tensor bits(DType dtype, Shape shape) {
    return bits(dtype, shape.extents());
  }

  /** Returns numbers spread evenly over {@code [0, 1)}, f32. */
  public Tensor uniform(long... shape) {
    return uniform(DType.F32, shape);
  }

  /** As {@link #uniform(long...)}. */
  public Tensor uniform(Shape shape) {
    return uniform(shape.extents());
  }

  /** Returns numbers spread evenly over {@code [0, 1)}. */
  public Tensor uniform(DType dtype, long... shape) {
    return draw("uniform", KeyBits::unit, dtype, shape);
  }

  /** As {@link #uniform(DType, long...)}. */
  public Tensor uniform(DType dtype, Shape shape) {
    return uniform(dtype, shape.extents());
  }

  /** Returns numbers spread evenly over {@code [low, high)}, f32. */
  public Tensor uniform(Shape shape, double low, double high) {
    return uniform(single(low), single(high), shape.extents());
  }

  /** Returns numbers spread evenly over {@code [low, high)}. */
  public Tensor uniform(Tensor low, Tensor high, long... shape) {
    Parameters p = Parameters.of("uniform", shape, low, high);
    Tensor key = use("uniform");
    return Trace.staged(
        () -> FloatDraws.uniform(key, mode, p.dtype(), p.shape(), p.get(0), p.get(1)));
  }

  /** As {@link #uniform(Tensor, Tensor, long...)}. */
  public Tensor uniform(Tensor low, Tensor high, Shape shape) {
    return uniform(low, high, shape.extents());
  }

  /** Returns numbers of the standard normal distribution, f32. */
  public Tensor normal(long... shape) {
    return normal(DType.F32, shape);
  }

  /** As {@link #normal(long...)}. */
  public Tensor normal(Shape shape) {
    return normal(shape.extents());
  }

  /** Returns numbers of the standard normal distribution. */
  public Tensor normal(DType dtype, long... shape) {
    return draw("normal", FloatDraws::normal, dtype, shape);
  }

  /** As {@link #normal(DType, long...)}. */
  public Tensor normal(DType dtype, Shape shape) {
    return normal(dtype, shape.extents());
  }

  /**
   * Returns vectors of a normal distribution, {@code […, n]}: {@code mean + L z} with the Cholesky
   * factor L of the covariance. Both parameters have derivatives.
   *
   * @param mean {@code […, n]}
   * @param covariance {@code […, n, n]}, symmetric; the draw is NaN where it is not positive
   *     definite
   * @param shape of the draws, without their last axis
   */
  public Tensor multivariateNormal(Tensor mean, Tensor covariance, long... shape) {
    Tensor key = use("multivariateNormal");
    return Trace.staged(() -> {
      Parameters p = Parameters.ofVectors("multivariateNormal", shape, mean, covariance);
      Tensor normal = FloatDraws.normal(key, mode, p.dtype(), p.shape());
      Tensor factor = LinAlg.cholesky(p.get(1));
      Tensor scaled =
          factor.rank() == 2
              ? normal.matmul(factor.transpose())
              : factor.matmul(normal.expandDims(-1)).squeeze(-1);
      return scaled.add(p.get(0));
    });
  }

  /** As {@link #multivariateNormal(Tensor, Tensor, long...)}. */
  public Tensor multivariateNormal(Tensor mean, Tensor covariance, Shape shape) {
    return multivariateNormal(mean, covariance, shape.extents());
  }

  /**
   * Returns numbers of the standard normal distribution between two bounds, f32.
   *
   * @param lower may be {@code -∞}
   * @param upper may be {@code ∞}
   */
  public Tensor truncatedNormal(double lower, double upper, long... shape) {
    return truncatedNormal(single(lower), single(upper), shape);
  }

  /** As {@link #truncatedNormal(double, double, long...)}. */
  public Tensor truncatedNormal(double lower, double upper, Shape shape) {
    return truncatedNormal(lower, upper, shape.extents());
  }

  /** As {@link #truncatedNormal(double, double, long...)}, in the bounds' dtype. */
  public Tensor truncatedNormal(Tensor lower, Tensor upper, long... shape) {
    Parameters p = Parameters.of("truncatedNormal", shape, lower, upper);
    Tensor key = use("truncatedNormal");
    return Trace.staged(
        () -> FloatDraws.truncatedNormal(key, mode, p.dtype(), p.shape(), p.get(0), p.get(1)));
  }

  /** As {@link #truncatedNormal(Tensor, Tensor, long...)}. */
  public Tensor truncatedNormal(Tensor lower, Tensor upper, Shape shape) {
    return truncatedNormal(lower, upper, shape.extents());
  }

  /** Returns numbers with the density {@code exp(-x)} for x of at least 0, f32. */
  public Tensor exponential(long... shape) {
    return exponential(DType.F32, shape);
  }

  /** As {@link #exponential(long...)}. */
  public Tensor exponential(Shape shape) {
    return exponential(shape.extents());
  }

  /** Returns numbers with the density {@code exp(-x)} for x of at least 0. */
  public Tensor exponential(DType dtype, long... shape) {
    return draw("exponential", FloatDraws::exponential, dtype, shape);
  }

  /** As {@link #exponential(DType, long...)}. */
  public Tensor exponential(DType dtype, Shape shape) {
    return exponential(dtype, shape.extents());
  }

  /** Returns numbers with the density {@code exp(-x - exp(-x))}, f32. */
  public Tensor gumbel(long... shape) {
    return gumbel(DType.F32, shape);
  }

  /** As {@link #gumbel(long...)}. */
  public Tensor gumbel(Shape shape) {
    return gumbel(shape.extents());
  }

  /** Returns numbers with the density {@code exp(-x - exp(-x))}. */
  public Tensor gumbel(DType dtype, long... shape) {
    return draw("gumbel", FloatDraws::gumbel, dtype, shape);
  }

  /** As {@link #gumbel(DType, long...)}. */
  public Tensor gumbel(DType dtype, Shape shape) {
    return gumbel(dtype, shape.extents());
  }

  /** Returns numbers with the density {@code exp(-|x|)/2}, f32. */
  public Tensor laplace(long... shape) {
    return laplace(DType.F32, shape);
  }

  /** As {@link #laplace(long...)}. */
  public Tensor laplace(Shape shape) {
    return laplace(shape.extents());
  }

  /** Returns numbers with the density {@code exp(-|x|)/2}. */
  public Tensor laplace(DType dtype, long... shape) {
    return draw("laplace", FloatDraws::laplace, dtype, shape);
  }

  /** As {@link #laplace(DType, long...)}. */
  public Tensor laplace(DType dtype, Shape shape) {
    return laplace(dtype, shape.extents());
  }

  /** Returns numbers with the density {@code 1/(π(1 + x²))}, f32. */
  public Tensor cauchy(long... shape) {
    return cauchy(DType.F32, shape);
  }

  /** As {@link #cauchy(long...)}. */
  public Tensor cauchy(Shape shape) {
    return cauchy(shape.extents());
  }

  /** Returns numbers with the density {@code 1/(π(1 + x²))}. */
  public Tensor cauchy(DType dtype, long... shape) {
    return draw("cauchy", FloatDraws::cauchy, dtype, shape);
  }

  /** As {@link #cauchy(DType, long...)}. */
  public Tensor cauchy(DType dtype, Shape shape) {
    return cauchy(dtype, shape.extents());
  }

  /** Returns numbers with the density {@code x^(α-1) exp(-x)/Γ(α)}, f32. */
  public Tensor gamma(double alpha, long... shape) {
    return gamma(single(alpha), shape);
  }

  /** As {@link #gamma(double, long...)}. */
  public Tensor gamma(double alpha, Shape shape) {
    return gamma(alpha, shape.extents());
  }

  /**
   * Returns numbers with the density {@code x^(α-1) exp(-x)/Γ(α)}; divide them by a rate, which has
   * derivatives. The derivative with respect to α is that of the number at the same place of the
   * distribution; it has no derivative itself.
   */
  public Tensor gamma(Tensor alpha, long... shape) {
    return gamma("gamma", alpha, false, shape);
  }

  /** As {@link #gamma(Tensor, long...)}. */
  public Tensor gamma(Tensor alpha, Shape shape) {
    return gamma(alpha, shape.extents());
  }

  /** Returns the logarithms of numbers as {@link #gamma(Tensor, long...)}, also of tiny ones. */
  public Tensor logGamma(Tensor alpha, long... shape) {
    return gamma("logGamma", alpha, true, shape);
  }

  /** As {@link #logGamma(Tensor, long...)}. */
  public Tensor logGamma(Tensor alpha, Shape shape) {
    return logGamma(alpha, shape.extents());
  }

  private Tensor gamma(String op, Tensor alpha, boolean logarithm, long... shape) {
    Parameters p = Parameters.of(op, shape, alpha);
    Tensor key = use(op);
    return Trace.staged(() -> GammaDraws.gamma(key, mode, p.full(0), logarithm));
  }

  /**
   * Returns numbers in {@code (0, 1)} with the density {@code x^(a-1) (1-x)^(b-1)/B(a, b)}, f32.
   */
  public Tensor beta(double a, double b, long... shape) {
    return beta(single(a), single(b), shape);
  }

  /** As {@link #beta(double, double, long...)}. */
  public Tensor beta(double a, double b, Shape shape) {
    return beta(a, b, shape.extents());
  }

  /** As {@link #beta(double, double, long...)}, in the parameters' dtype. */
  public Tensor beta(Tensor a, Tensor b, long... shape) {
    Parameters p = Parameters.of("beta", shape, a, b);
    Tensor key = use("beta");
    return Trace.staged(() -> GammaDraws.beta(key, mode, p.full(0), p.full(1)));
  }

  /** As {@link #beta(Tensor, Tensor, long...)}. */
  public Tensor beta(Tensor a, Tensor b, Shape shape) {
    return beta(a, b, shape.extents());
  }

  /**
   * Returns vectors of positive numbers whose sum is 1, with the density proportional to {@code ∏
   * x[i]^(α[i]-1)}.
   *
   * @param alpha {@code […, n]}
   * @param shape of the draws, without their last axis
   */
  public Tensor dirichlet(Tensor alpha, long... shape) {
    Parameters p = Parameters.ofRows("dirichlet", shape, alpha);
    Tensor key = use("dirichlet");
    return Trace.staged(() -> GammaDraws.gamma(key, mode, p.full(0), true).softmax(-1));
  }

  /** As {@link #dirichlet(Tensor, long...)}. */
  public Tensor dirichlet(Tensor alpha, Shape shape) {
    return dirichlet(alpha, shape.extents());
  }

  /** Returns i32 counts of events that happen at this rate. */
  public Tensor poisson(double rate, long... shape) {
    return poisson(single(rate), shape);
  }

  /** As {@link #poisson(double, long...)}. */
  public Tensor poisson(double rate, Shape shape) {
    return poisson(rate, shape.extents());
  }

  /** Returns i32 counts of events that happen at these rates; computed in f32. */
  public Tensor poisson(Tensor rate, long... shape) {
    Parameters p = Parameters.of("poisson", shape, rate);
    Tensor key = use("poisson");
    return Trace.staged(
        () -> PoissonDraws.sample(key, mode, ElementwiseOps.convert(p.full(0), DType.F32)));
  }

  /** As {@link #poisson(Tensor, long...)}. */
  public Tensor poisson(Tensor rate, Shape shape) {
    return poisson(rate, shape.extents());
  }

  /** Returns true with probability p. */
  public Tensor bernoulli(double p, long... shape) {
    return bernoulli(single(p), shape);
  }

  /** As {@link #bernoulli(double, long...)}. */
  public Tensor bernoulli(double p, Shape shape) {
    return bernoulli(p, shape.extents());
  }

  /** Returns true with these probabilities. */
  public Tensor bernoulli(Tensor p, long... shape) {
    Parameters parameters = Parameters.of("bernoulli", shape, p);
    Tensor key = use("bernoulli");
    return Trace.staged(() ->
        KeyBits.unit(key, mode, parameters.dtype(), parameters.shape()).less(parameters.get(0)));
  }

  /** As {@link #bernoulli(Tensor, long...)}. */
  public Tensor bernoulli(Tensor p, Shape shape) {
    return bernoulli(p, shape.extents());
  }

  /** Returns i32 whole numbers in {@code [low, high)}; low where that is empty. */
  public Tensor randint(int low, int high, long... shape) {
    return randint(Tensor.scalar(low), Tensor.scalar(high), shape);
  }

  /** As {@link #randint(int, int, long...)}. */
  public Tensor randint(int low, int high, Shape shape) {
    return randint(low, high, shape.extents());
  }

  /** Returns whole numbers in {@code [low, high)} in the promoted dtype of the two, an integer. */
  public Tensor randint(Tensor low, Tensor high, long... shape) {
    DType dtype = DType.promote(low.dtype(), high.dtype());
    if (!dtype.isInteger()) {
      throw new DTypeException(
          "randint: expected integers, got %s and %s".formatted(low.type(), high.type()));
    }
    Shape target = Parameters.shape("randint", shape, low, high);
    Tensor key = use("randint");
    return Trace.staged(() ->
        IntegerDraws.randint(
            key,
            mode,
            dtype,
            target,
            ElementwiseOps.convert(low, DType.I64),
            ElementwiseOps.convert(high, DType.I64)));
  }

  /** As {@link #randint(Tensor, Tensor, long...)}. */
  public Tensor randint(Tensor low, Tensor high, Shape shape) {
    return randint(low, high, shape.extents());
  }

  /** Returns {@code i32[n]}: the numbers 0 to {@code n - 1} in random order. */
  public Tensor permutation(long n) {
    if (n < 0 || n > Integer.MAX_VALUE) {
      throw new ShapeException("permutation: expected n of 0 to 2^31 - 1, got " + n);
    }
    Tensor key = use("permutation");
    return Trace.staged(() -> IntegerDraws.permutation(key, mode, n));
  }

  /** Returns the slices along an axis in random order. */
  public Tensor permutation(Tensor x, int axis) {
    int along = RunningOps.axis("permutation", x, axis);
    Tensor key = use("permutation");
    return Trace.staged(
        () -> x.take(IntegerDraws.permutation(key, mode, x.shape().extent(along)), along));
  }

  /** Returns each row along an axis in a random order of its own. */
  public Tensor shuffle(Tensor x, int axis) {
    int along = RunningOps.axis("shuffle", x, axis);
    Tensor key = use("shuffle");
    return Trace.staged(() -> IntegerDraws.shuffle(key, mode, x, along));
  }

  /** Returns slices along axis 0, each equally likely, the same ones again and again. */
  public Tensor choice(Tensor x, long... shape) {
    Shape drawn = Shape.of("choice", shape);
    int n = Parameters.population("choice", x, drawn);
    Tensor key = use("choice");
    return Trace.staged(() -> {
      Tensor zero = Tensor.full(DType.I64, 0);
      Tensor limit = Tensor.full(DType.I64, n);
      return x.take(IntegerDraws.randint(key, mode, DType.I32, drawn, zero, limit), 0);
    });
  }

  /** As {@link #choice(Tensor, long...)}. */
  public Tensor choice(Tensor x, Shape shape) {
    return choice(x, shape.extents());
  }

  /**
   * Returns slices along axis 0 with these weights, the same ones again and again.
   *
   * @param weights {@code [n]}, one for each slice; they need not sum to 1
   */
  public Tensor choice(Tensor x, Tensor weights, long... shape) {
    Shape drawn = Shape.of("choice", shape);
    Parameters.population("choice", x, drawn);
    Parameters.requireWeights("choice", x, weights);
    Tensor key = use("choice");
    return Trace.staged(() -> x.take(IntegerDraws.weighted(key, mode, weights, drawn), 0));
  }

  /** As {@link #choice(Tensor, Tensor, long...)}. */
  public Tensor choice(Tensor x, Tensor weights, Shape shape) {
    return choice(x, weights, shape.extents());
  }

  /** Returns different slices along axis 0, each equally likely. */
  public Tensor choiceWithoutReplacement(Tensor x, long... shape) {
    Shape drawn = Parameters.drawn("choiceWithoutReplacement", x, shape);
    Tensor key = use("choiceWithoutReplacement");
    return Trace.staged(() -> {
      Tensor order = IntegerDraws.permutation(key, mode, x.shape().extent(0));
      Tensor first = order.slice(new long[] {0}, new long[] {drawn.size()});
      return x.take(first.reshape(shape), 0);
    });
  }

  /** As {@link #choiceWithoutReplacement(Tensor, long...)}. */
  public Tensor choiceWithoutReplacement(Tensor x, Shape shape) {
    return choiceWithoutReplacement(x, shape.extents());
  }

  /**
   * Returns different slices along axis 0, drawn one after the other with these weights.
   *
   * @param weights {@code [n]}, one for each slice; they need not sum to 1
   */
  public Tensor choiceWithoutReplacement(Tensor x, Tensor weights, long... shape) {
    Shape drawn = Parameters.drawn("choiceWithoutReplacement", x, shape);
    Parameters.requireWeights("choiceWithoutReplacement", x, weights);
    Tensor key = use("choiceWithoutReplacement");
    return Trace.staged(() -> {
      Tensor indices = IntegerDraws.weightedOnce(key, mode, weights, drawn.size());
      return x.take(indices.reshape(shape), 0);
    });
  }

  /** As {@link #choiceWithoutReplacement(Tensor, Tensor, long...)}. */
  public Tensor choiceWithoutReplacement(Tensor x, Tensor weights, Shape shape) {
    return choiceWithoutReplacement(x, weights, shape.extents());
  }

  /**
   * Returns i32 positions along the last axis, with {@code softmax(logits)} as probabilities.
   *
   * @param logits {@code […, n]}
   * @param shape of the draws, which that of the logits without the last axis broadcasts to
   */
  public Tensor categorical(Tensor logits, long... shape) {
    Parameters p = Parameters.ofRows("categorical", shape, logits);
    Tensor key = use("categorical");
    return Trace.staged(() -> IntegerDraws.categorical(key, mode, p.full(0)));
  }

  /** As {@link #categorical(Tensor, long...)}. */
  public Tensor categorical(Tensor logits, Shape shape) {
    return categorical(logits, shape.extents());
  }

  private interface Draw {
    Tensor of(Tensor key, Mode mode, DType dtype, Shape shape);
  }

  private Tensor draw(String op, Draw draw, DType dtype, long... shape) {
    if (!dtype.isFloating() || dtype == DType.BF16) {
      throw new DTypeException(
          "%s: expected f32 or f64, got %s%s"
              .formatted(
                  op, dtype, dtype == DType.BF16 ? ". Draw f32, then cast(DType.BF16)" : ""));
    }
    Shape drawn = Shape.of(op, shape);
    Tensor key = use(op);
    return Trace.staged(() -> draw.of(key, mode, dtype, drawn));
  }

  private static Tensor single(double value) {
    return Tensor.scalar((float) value);
  }

  /** Returns the words of a single key that is used up by {@code op}. */
  private Tensor use(String op) {
    Tensor key = single(op);
    KeyUses.record(op, key);
    return key;
  }

  private Tensor single(String op) {
    if (shape(op).rank() != 0) {
      throw new ShapeException(
          ("%s: expected one key, got %s keys. Map over them: vmap(key -> key.%s(…)), or take one:"
                  + " keys.get(0)")
              .formatted(op, shape(op), op));
    }
    return words;
  }
}
