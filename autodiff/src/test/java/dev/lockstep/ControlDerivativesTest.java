package dev.lockstep;

import static dev.lockstep.Control.associativeScan;
import static dev.lockstep.Control.cond;
import static dev.lockstep.Control.foriLoop;
import static dev.lockstep.Control.map;
import static dev.lockstep.Control.scan;
import static dev.lockstep.Control.switchCase;
import static dev.lockstep.Control.whileLoop;
import static dev.lockstep.Lockstep.checkpoint;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.linearize;
import static dev.lockstep.Lockstep.vjp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.differences;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.program.primitive.Custom;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Derivatives of choices and loops, against differences in f64. */
class ControlDerivativesTest extends EveryBackend {
  record Pair(Tensor a, Tensor b) {}

  private static final Tensor XS = random(7, 5);

  /** Functions from f64[3] to f64[m], smooth around the points that are used. */
  private static final Map<String, Fn<Tensor, Tensor>> FUNCTIONS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("cond", x -> cond(x.sum().less(100), Tensor::sin, Tensor::square, x)),
              Map.entry(
                  "cond that keeps", x -> cond(x.sum().less(100), v -> v, v -> v.mul(x).exp(), x)),
              Map.entry(
                  "cond by constants",
                  x ->
                      cond(
                          x.sum().less(100),
                          v -> v.mul(x).sin(),
                          v -> Tensor.zeros(3).cast(DType.F64),
                          x)),
              Map.entry(
                  "switch",
                  x ->
                      switchCase(
                          Tensor.scalar(1),
                          List.of(Tensor::cos, v -> v.mul(x.sum()).tanh(), v -> x),
                          x)),
              Map.entry("fori", x -> foriLoop(4, (i, c) -> c.mul(x).sin().add(i.mul(0.1)), x)),
              Map.entry(
                  "fori of a constant", x -> foriLoop(3, (i, c) -> c.mul(x), vector(1, 2, 3))),
              Map.entry("fori of no steps", x -> foriLoop(0, (i, c) -> c.mul(x), x.square())),
              Map.entry(
                  "scan, carry",
                  x -> scan((c, t) -> new Step<>(c.mul(t).add(x).tanh(), c), x, XS).carry()),
              Map.entry(
                  "scan, ys",
                  x -> scan((c, t) -> new Step<>(c.mul(t).tanh(), c.mul(x).sum()), x, XS).ys()),
              Map.entry(
                  "scan, both",
                  x -> {
                    var s = scan((c, t) -> new Step<>(c.sin().mul(t), c.sum()), x, XS);
                    return Tensor.concatenate(0, s.carry(), s.ys());
                  }),
              Map.entry(
                  "scan along x",
                  x -> scan((c, t) -> new Step<>(c.mul(t).sin(), c.mul(t)), scalar(0.5), x).ys()),
              Map.entry(
                  "scan backwards along x",
                  x ->
                      scan(
                              (c, t) -> new Step<>(c.mul(t).sin().add(x.sum()), c.mul(t)),
                              x.get(1),
                              x,
                              ScanOptions.REVERSE)
                          .ys()),
              Map.entry(
                  "scan, unrolled",
                  x ->
                      scan(
                              (c, t) -> new Step<>(c.mul(t).sin().add(x), c.sum()),
                              x,
                              XS,
                              ScanOptions.REVERSE.unroll(2))
                          .ys()),
              Map.entry(
                  "scan with a counter",
                  x ->
                      scan(
                              (c, t) ->
                                  new Step<>(new Pair(c.a.add(1L), c.b.mul(t).add(c.a).cos()), c.b),
                              new Pair(Tensor.scalar(0), x),
                              XS)
                          .carry()
                          .b),
              Map.entry(
                  "scan whose carry comes to move",
                  x ->
                      scan(
                              (c, t) -> new Step<>(new Pair(c.b.sin(), c.a.add(x)), c.a),
                              new Pair(vector(1, 2, 3), vector(0, 1, 2)),
                              XS)
                          .ys()
                          .flatten()),
              Map.entry(
                  "cond with a mask",
                  x ->
                      cond(
                          x.sum().less(100),
                          v -> Tensor.where(v.greater(0), v.sin().mul(x), v),
                          v -> Tensor.where(v.less(1), v, v.exp()),
                          x)),
              Map.entry(
                  "scan of relu",
                  x ->
                      scan((c, t) -> new Step<>(c.mul(x).add(t).relu().add(0.1), c.max()), x, XS)
                          .ys()),
              Map.entry(
                  "scan of a matrix product",
                  x -> {
                    Tensor w = x.outer(x.cos());
                    return scan((c, t) -> new Step<>(w.matmul(c).mul(t).tanh(), c), x, XS)
                        .ys()
                        .flatten();
                  }),
              Map.entry(
                  "scan that swaps",
                  x ->
                      scan(
                              (c, t) -> new Step<>(new Pair(c.b, c.a), c.a.mul(t)),
                              new Pair(x, x.sin()),
                              XS)
                          .ys()
                          .flatten()),
              Map.entry("map", x -> map(t -> t.mul(x).sin().sum(), x)),
              Map.entry("map in batches", x -> map(t -> t.mul(x).sin().sum(), x, 2)),
              Map.entry("associative scan", x -> associativeScan(Tensor::mul, x.sin(), 0)),
              Map.entry(
                  "while with a maximum",
                  x ->
                      whileLoop(
                          c -> c.square().sum().less(60), c -> c.mul(x.cos().add(1.2)), x, 9)),
              Map.entry("checkpoint", x -> checkpoint((Tensor v) -> v.sin().mul(x).exp()).apply(x)),
              Map.entry(
                  "checkpoint in scan",
                  x ->
                      scan(
                              (c, t) ->
                                  checkpoint(
                                          (Tensor v) -> new Step<>(v.mul(t).sin(), v.mul(x).sum()))
                                      .apply(c),
                              x,
                              XS)
                          .ys()),
              Map.entry(
                  "scan in cond in scan",
                  x ->
                      scan(
                              (c, t) ->
                                  new Step<>(
                                      cond(
                                          t.greater(0),
                                          v ->
                                              scan((d, s) -> new Step<>(d.mul(s).sin(), null), v, x)
                                                  .carry(),
                                          v -> v.mul(x).cos(),
                                          c),
                                      c.sum()),
                              x,
                              XS)
                          .ys())));

  static Stream<String> names() {
    return FUNCTIONS.keySet().stream();
  }

  private static Tensor point() {
    return vector(0.7, -0.4, 1.1);
  }

  @ParameterizedTest
  @MethodSource("names")
  void firstDerivatives(String name) {
    Fn<Tensor, Tensor> f = FUNCTIONS.get(name);
    Tensor x = point();
    Tensor jacobian = differences(f, x);
    assertClose(jacfwd(f).apply(x), jacobian, 1e-7);
    assertClose(jacrev(f).apply(x), jacobian, 1e-7);
    assertClose(jit(jacrev(f)).apply(x), jacobian, 1e-7);
    Tensor dx = random(3, 3);
    Tensor pushed = jacobian.matmul(dx);
    assertClose(jvp(f, x, dx).tangent(), pushed, 1e-7);
    assertClose(jvp(f, x, dx).value(), f.apply(x));
    assertClose(linearize(f, x).linear().apply(dx), pushed, 1e-7);
    Tensor ct = random(4, f.apply(x).shape().extents());
    assertClose(vjp(f, x).pullback().apply(ct), ct.matmul(jacobian), 1e-7);
    assertClose(vjp(f, x).value(), f.apply(x));
  }

  @ParameterizedTest
  @MethodSource("names")
  void secondDerivatives(String name) {
    Fn<Tensor, Tensor> f = x -> FUNCTIONS.get(name).apply(x).sin().sum();
    Tensor x = point();
    Tensor expected = differences(grad(f), x);
    assertClose(hessian(f).apply(x), expected, 1e-6);
    assertClose(jacrev(grad(f)).apply(x), expected, 1e-6);
    assertClose(jacfwd(jacfwd(f)).apply(x), expected, 1e-6);
  }

  @ParameterizedTest
  @MethodSource("names")
  void derivativesOfABatch(String name) {
    Fn<Tensor, Tensor> f = FUNCTIONS.get(name);
    Tensor batch = Tensor.stack(0, point(), point().mul(0.5), point().add(0.25));
    Tensor forward = vmap(jacfwd(f)).apply(batch);
    Tensor reverse = vmap(jacrev(f)).apply(batch);
    Tensor inside = grad((Tensor b) -> vmap(f).apply(b).sin().sum()).apply(batch);
    for (int i = 0; i < 3; i++) {
      Tensor expected = jacrev(f).apply(batch.get(i));
      assertClose(forward.get(i), expected);
      assertClose(reverse.get(i), expected);
      assertClose(inside.get(i), grad((Tensor v) -> f.apply(v).sin().sum()).apply(batch.get(i)));
    }
  }

  @Test
  void forwardModeOfWhile() {
    Fn<Tensor, Tensor> f =
        x -> whileLoop(c -> c.square().sum().less(60), c -> c.mul(x.cos().add(1.2)), x);
    Tensor x = point();
    Tensor jacobian = differences(f, x);
    assertClose(jacfwd(f).apply(x), jacobian, 1e-6);
    assertClose(jvp(f, x, vector(1, 0, 0)).tangent(), jacobian.transpose().get(0), 1e-6);
    Tensor batch = Tensor.stack(0, x, x.mul(0.5), x.add(0.25));
    Tensor each = vmap(jacfwd(f)).apply(batch);
    Tensor pushed = jvp(vmap(f), batch, Tensor.ones(3, 3).cast(DType.F64)).tangent();
    for (int i = 0; i < 3; i++) {
      assertClose(each.get(i), jacfwd(f).apply(batch.get(i)));
      assertClose(pushed.get(i), each.get(i).sum(1));
    }
  }

  @Test
  void condUnderGradOfBothSides() {
    Fn<Tensor, Tensor> f = x -> cond(x.greater(0), Tensor::sin, v -> v.square().mul(3.0), x);
    assertClose(grad(f).apply(scalar(0.5)), Math.cos(0.5));
    assertClose(grad(f).apply(scalar(-0.5)), -3);
    assertClose(vmap(grad(f)).apply(vector(0.5, -0.5)), vector(Math.cos(0.5), -3));
    assertClose(vmap(grad(grad(f))).apply(vector(0.5, -0.5)), vector(-Math.sin(0.5), 6));
  }

  /** The branch that is not taken gives no NaN: sqrt of a negative number, and its derivative. */
  @Test
  void theOtherBranchDoesNotLeak() {
    Fn<Tensor, Tensor> f = x -> cond(x.greater(0), Tensor::sqrt, v -> v.mul(0.0), x);
    assertEqual(vmap(grad(f)).apply(vector(4, -1, 0)), 0.25, 0, 0);
  }

  /** d/dx [x · d/dy scan(… x y …)]: the inner derivative must not see the outer's x. */
  @Test
  void perturbation() {
    Fn2<Tensor, Tensor, Tensor> power = (x, y) -> foriLoop(2, (i, c) -> c.mul(x).mul(y), y);
    Fn<Tensor, Tensor> f = x -> x.mul(grad((Tensor y) -> power.apply(x, y)).apply(scalar(2)));
    // d/dy x² y³ = 3 x² y² = 12 x² at y = 2; times x: 12 x³; derivative 36 x²
    assertClose(grad(f).apply(scalar(3)), 324);
    assertClose(jacfwd(f).apply(scalar(3)), 324);
    Fn<Tensor, Tensor> inside =
        x ->
            scan((c, t) -> new Step<>(c, grad((Tensor y) -> y.mul(x).mul(t)).apply(c)), x, XS)
                .ys()
                .sum();
    assertClose(grad(inside).apply(scalar(3)), XS.sum().item());
  }

  @Test
  void derivativesOfNothing() {
    Fn<Tensor, Tensor> f = x -> cond(x.greater(0), v -> scalar(1), v -> scalar(2), x);
    assertClose(grad(f).apply(scalar(3)), 0);
    Fn<Tensor, Tensor> g = x -> foriLoop(3, (i, c) -> c.add(i), Tensor.scalar(0)).mul(x);
    assertClose(grad(g).apply(scalar(3)), 3);
    Fn<Tensor, Tensor> h = x -> whileLoop(c -> c.less(9), c -> c.add(1.0), scalar(0)).mul(x);
    assertClose(grad(h).apply(scalar(3)), 9);
  }

  @Test
  void checkpointIsTheFunction() {
    Tensor w = random(1, 3, 3);
    Fn<Tensor, Tensor> f = x -> w.matmul(x).sin().dot(x.exp());
    Fn<Tensor, Tensor> g = checkpoint(f);
    Tensor x = point();
    assertClose(g.apply(x), f.apply(x));
    assertClose(grad(g).apply(x), grad(f).apply(x));
    assertClose(hessian(g).apply(x), hessian(f).apply(x));
    assertClose(jacrev(grad(g)).apply(x), hessian(f).apply(x));
    assertClose(checkpoint(grad(f)).apply(x), grad(f).apply(x));
    Tensor batch = random(2, 4, 3);
    assertClose(vmap(grad(g)).apply(batch), vmap(grad(f)).apply(batch));
    assertClose(
        grad((Tensor b) -> vmap(g).apply(b).sum()).apply(batch), vmap(grad(f)).apply(batch));
    Fn2<Tensor, Tensor, Tensor> two = checkpoint((Tensor a, Tensor b) -> a.mul(b).sum());
    assertClose(grad(two, Lockstep.SECOND).apply(x, x.sin()), x);
  }

  /**
   * Every record of the family is one that these functions use; those of Custom have their test.
   */
  @Test
  void allPrimitivesAreCovered() {
    Set<Class<?>> used = new HashSet<>(Set.of(ControlFlow.While.class, Custom.class));
    for (Fn<Tensor, Tensor> f : FUNCTIONS.values()) {
      Trace.trace("test", List.of(point().type()), null, x -> List.of(f.apply(x.getFirst())))
          .program()
          .equations()
          .forEach(equation -> used.add(equation.primitive().getClass()));
    }
    assertThat(used).contains(ControlFlow.class.getPermittedSubclasses());
    assertThat(Custom.class.getPermittedSubclasses())
        .containsExactlyInAnyOrder(
            Custom.CustomJvp.class,
            Custom.CustomVjp.class,
            Custom.CustomPullback.class,
            Custom.CustomVmap.class);
    System.out.printf(
        "control flow: %d primitives and %d of Custom, %d functions%n",
        ControlFlow.class.getPermittedSubclasses().length - 1,
        Custom.class.getPermittedSubclasses().length,
        FUNCTIONS.size());
  }

  @Test
  void thirdDerivativesAndEmptyBatches() {
    Fn<Tensor, Tensor> f =
        x -> scan((c, t) -> new Step<>(c.mul(t).add(x).sin(), null), x, XS).carry().sum();
    Tensor third = differences(hessian(f), point());
    assertClose(jacfwd(hessian(f)).apply(point()), third, 1e-6);
    assertClose(jacrev(jacrev(jacrev(f))).apply(point()), third, 1e-6);
    for (Fn<Tensor, Tensor> each : FUNCTIONS.values()) {
      Tensor none = Tensor.zeros(DType.F64, 0, 3);
      assertThat(vmap(jacrev(each)).apply(none).shape().extent(0)).isZero();
      assertThat(vmap(jacfwd(each)).apply(none).shape().extent(0)).isZero();
    }
  }
}
