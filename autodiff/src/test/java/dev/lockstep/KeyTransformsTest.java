package dev.lockstep;

import static dev.lockstep.Control.scan;
import static dev.lockstep.Control.whileLoop;
import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.differences;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TracerException;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Draws under the transforms, which take keys as arguments like any tree. */
class KeyTransformsTest extends EveryBackend {
  private static final Tensor RATES = vector(0.4, 3, 12);

  /** Every kind of draw, for f64 parameters in (0, 3]. */
  private static Map<String, Fn<Key, Tensor>> draws() {
    Map<String, Fn<Key, Tensor>> draws = new LinkedHashMap<>();
    draws.put("bits", k -> k.bits(DType.I64, 3));
    draws.put("uniform", k -> k.uniform(scalar(-1), vector(2, 3)));
    draws.put("normal", k -> k.normal(2, 2));
    draws.put("truncatedNormal", k -> k.truncatedNormal(scalar(-1), vector(2, 3)));
    draws.put("exponential", k -> k.exponential(3));
    draws.put("gumbel", k -> k.gumbel(DType.F64, 3));
    draws.put("laplace", k -> k.laplace(3));
    draws.put("cauchy", k -> k.cauchy(3));
    draws.put("gamma", k -> k.gamma(RATES, 2, 3));
    draws.put("logGamma", k -> k.logGamma(RATES));
    draws.put("beta", k -> k.beta(RATES, scalar(0.5)));
    draws.put("dirichlet", k -> k.dirichlet(RATES, 2));
    Tensor covariance = Tensor.of(new double[][] {{2, 0.6}, {0.6, 0.5}});
    draws.put("multivariateNormal", k -> k.multivariateNormal(vector(1, 2), covariance, 2));
    draws.put("poisson", k -> k.poisson(RATES));
    draws.put("bernoulli", k -> k.bernoulli(0.5, 8));
    draws.put("randint", k -> k.randint(Tensor.of(0L, -5L), Tensor.scalar(100L)));
    draws.put("permutation", k -> k.permutation(9));
    draws.put("shuffle", k -> k.shuffle(Tensor.arange(12).reshape(3, 4), 1));
    draws.put("choice", k -> k.choice(Tensor.arange(9), 4));
    draws.put("weighted choice", k -> k.choice(Tensor.arange(3), RATES, 4));
    draws.put("choiceWithoutReplacement", k -> k.choiceWithoutReplacement(RATES, RATES, 2));
    draws.put("categorical", k -> k.categorical(RATES, 5));
    draws.put("split", k -> k.split(3).words());
    draws.put("foldIn", k -> k.foldIn(8).words());
    return draws;
  }

  @Test
  void overKeysEachDrawIsThatOfItsKey() {
    for (Key.Mode mode : Key.Mode.values()) {
      Key keys = Key.of(3, mode).split(4);
      draws()
          .forEach((name, draw) -> {
            Tensor[] loop =
                IntStream.range(0, 4).mapToObj(i -> draw.apply(keys.get(i))).toArray(Tensor[]::new);
            assertSame(name, vmap(draw).apply(keys), Tensor.stack(0, loop));
            assertSame(name, jit(vmap(draw)).apply(keys), Tensor.stack(0, loop));
          });
    }
  }

  @Test
  void underJitADrawIsTheSame() {
    Key key = Key.of(5);
    draws().forEach((name, draw) -> assertSame(name, jit(draw).apply(key), draw.apply(key)));
  }

  private static void assertSame(String name, Tensor actual, Tensor expected) {
    assertThat(actual.type()).as(name).isEqualTo(expected.type());
    assertThat(actual.cast(DType.F64).toDoubleArray())
        .as(name)
        .containsExactly(expected.cast(DType.F64).toDoubleArray(), within(1e-12));
  }

  @Test
  void keysOfKeysNest() {
    Key keys = Key.of(1).split(6);
    Key grid = new Key(keys.words().reshape(2, 3, 2), keys.mode());
    Tensor drawn = vmap(vmap((Key k) -> k.uniform(2))).apply(grid);
    assertThat(drawn.toFloatArray())
        .isEqualTo(vmap((Key k) -> k.uniform(2)).apply(keys).toFloatArray());
    Key further = vmap((Key k) -> k.split(5)).apply(keys);
    assertThat(further.words().get(4).toIntArray())
        .isEqualTo(keys.get(4).split(5).words().toIntArray());
  }

  @Test
  void parametersAreMappedToo() {
    Key key = Key.of(2);
    Tensor alphas = random(0, 4, 3).abs().add(0.1);
    Tensor[] rows = new Tensor[4];
    for (int i = 0; i < 4; i++) {
      rows[i] = key.gamma(alphas.get(i));
    }
    Tensor mapped = vmap((Key k, Tensor a) -> k.gamma(a), in(NONE, 0)).apply(key, alphas);
    assertClose(mapped, Tensor.stack(0, rows));
    Tensor steps = Tensor.arange(4);
    Key folded = vmap((Key k, Tensor i) -> k.foldIn(i), in(NONE, 0)).apply(key, steps);
    assertThat(folded.words().get(3).toIntArray()).isEqualTo(key.foldIn(3).words().toIntArray());
  }

  record Walk(Key key, Tensor position) {}

  private static Step<Walk, Tensor> step(Walk walk) {
    Key keys = walk.key().split();
    Tensor position = walk.position().add(keys.get(1).normal(DType.F64));
    return new Step<>(new Walk(keys.get(0), position), position);
  }

  @Test
  void aLoopCarriesKeys() {
    Scanned<Walk, Tensor> walked =
        scan((Walk walk) -> step(walk), new Walk(Key.of(7), scalar(0)), 5);
    Walk walk = new Walk(Key.of(7), scalar(0));
    double[] positions = new double[5];
    for (int i = 0; i < 5; i++) {
      walk = step(walk).carry();
      positions[i] = walk.position().item();
    }
    assertThat(walked.ys().toDoubleArray()).containsExactly(positions, within(1e-14));
    assertThat(walked.carry().key().words().toIntArray())
        .isEqualTo(walk.key().words().toIntArray());
    Walk far =
        whileLoop(
            w -> w.position().abs().less(2.0),
            w -> step(w).carry(),
            new Walk(Key.of(7), scalar(0)));
    assertThat(Math.abs(far.position().item())).isGreaterThanOrEqualTo(2);
  }

  @Test
  void locationsAndScalesHaveDerivatives() {
    Key key = Key.of(11);
    Map<String, Fn<Tensor, Tensor>> functions = new LinkedHashMap<>();
    functions.put("normal", x -> key.normal(DType.F64, 3).mul(x.get(0)).add(x.get(1)));
    functions.put("uniform", x -> key.uniform(x.get(1).neg(), x.get(0), 4));
    Tensor l = Tensor.of(new double[][] {{2, 0}, {0.6, 0.5}});
    functions.put(
        "multivariateNormal",
        x -> {
          Tensor factor = l.mul(x.get(0));
          return key.multivariateNormal(x, factor.matmul(factor.transpose()), 2);
        });
    functions.put("truncatedNormal", x -> key.truncatedNormal(x.get(1).neg(), x.get(0), 4));
    functions.forEach((name, f) -> {
      Tensor x = vector(1.3, 0.7);
      Fn<Tensor, Tensor> loss = y -> f.apply(y).square().sum();
      assertClose(grad(loss).apply(x), differences(loss, x), 1e-7);
      assertClose(jit(grad(loss)).apply(x), grad(loss).apply(x));
      assertClose(jacfwd(f).apply(x), differences(f, x), 1e-7);
    });
  }

  /** JAX's, which agree with differences of the inverse distribution function to ten digits. */
  @Test
  void gammaDrawsHaveDerivatives() {
    Key key = Key.of(0);
    assertThat(grad((Tensor a) -> key.gamma(a, 6).sum()).apply(scalar(2.5)).item())
        .isCloseTo(6.135659778114665, within(1e-9));
    assertThat(grad((Tensor a) -> key.logGamma(a, 6).sum()).apply(scalar(0.1)).item())
        .isCloseTo(826.3487283532506, within(1e-6));
    assertThat(grad((Tensor a) -> key.beta(a, scalar(2), 6).sum()).apply(scalar(0.7)).item())
        .isCloseTo(1.914097746712964, within(1e-9));
    Fn<Tensor, Tensor> scaled = a -> key.gamma(a).mul(a);
    Tensor derivative = vmap(grad(scaled)).apply(RATES);
    for (int i = 0; i < 3; i++) {
      assertClose(derivative.get(i), grad(scaled).apply(RATES.get(i)));
    }
    assertClose(jacfwd(scaled).apply(scalar(3)), grad(scaled).apply(scalar(3)));
  }

  @Test
  void aSecondDerivativeOfGammaIsRefused() {
    Fn<Tensor, Tensor> draw = a -> Key.of(0).gamma(a);
    assertThatThrownBy(() -> hessian(draw).apply(scalar(2)))
        .isInstanceOf(TracerException.class)
        .hasMessageContaining("there is no rule");
  }

  @Test
  void manyKeysWithoutVmapAreAnError() {
    Key keys = Key.of(0).split(3);
    assertThatThrownBy(() -> jit((Key k) -> k.normal(2)).apply(keys))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("normal: expected one key, got [3] keys. Map over them: vmap(");
  }

  @Test
  void keysOfTheTwoModesAreTracedApart() {
    Fn<Key, Tensor> draw = jit(k -> k.uniform(3));
    for (Key.Mode mode : Key.Mode.values()) {
      Key key = Key.of(0, mode);
      assertThat(draw.apply(key).toFloatArray()).isEqualTo(key.uniform(3).toFloatArray());
    }
  }
}
