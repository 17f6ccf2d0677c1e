package dev.lockstep;

import static dev.lockstep.Control.associativeScan;
import static dev.lockstep.Control.cond;
import static dev.lockstep.Control.foriLoop;
import static dev.lockstep.Control.map;
import static dev.lockstep.Control.scan;
import static dev.lockstep.Control.switchCase;
import static dev.lockstep.Control.whileLoop;
import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.out;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of choices and loops: at once, compiled and mapped, against Java's own. */
class ControlFlowTest extends EveryBackend {
  record Pair(Tensor a, Tensor b) {}

  private static final Fn<Tensor, Tensor> BRANCHING =
      x -> cond(x.sum().greater(0), Tensor::sin, v -> v.square().add(1.0), x);

  /** Steps with everything that a scan has: a constant, two carries, two xs, a tree of ys. */
  private static Scanned<Pair, Map<String, Tensor>> everything(
      Tensor w, Pair init, Pair xs, ScanOptions options) {
    return scan(
        (carry, x) ->
            new Step<>(
                new Pair(carry.a.mul(w).add(x.a).tanh(), carry.b.add(1L)),
                Map.of("old", carry.a, "product", x.a.mul(x.b).add(carry.b))),
        init,
        xs,
        options);
  }

  @Test
  void condRunsTheChosenBranch() {
    assertClose(BRANCHING.apply(vector(1, 2)), vector(Math.sin(1), Math.sin(2)));
    assertClose(BRANCHING.apply(vector(-1, -2)), vector(2, 5));
    assertClose(jit(BRANCHING).apply(vector(-1, -2)), vector(2, 5));
  }

  @Test
  void condOfTreesClosesOverTensors() {
    Tensor captured = vector(10, 20);
    Fn2<Tensor, Pair, Pair> f =
        (p, x) ->
            cond(
                p,
                v -> new Pair(v.a.add(captured), v.b),
                v -> new Pair(captured, v.b.sub(captured.sum())),
                x);
    Pair x = new Pair(vector(1, 2), scalar(3));
    Pair yes = f.apply(Tensor.scalar(true), x);
    Pair no = f.apply(Tensor.scalar(false), x);
    assertEqual(yes.a, 11, 22);
    assertEqual(yes.b, 3);
    assertEqual(no.a, 10, 20);
    assertEqual(no.b, -27);
  }

  @Test
  void condMapped() {
    Tensor x = random(0, 4, 3);
    Tensor each = vmap(BRANCHING).apply(x);
    Tensor last = vmap(BRANCHING, in(-1), out(-1)).apply(x.transpose());
    for (int i = 0; i < 4; i++) {
      assertClose(each.get(i), BRANCHING.apply(x.get(i)));
      assertClose(last.transpose().get(i), BRANCHING.apply(x.get(i)));
    }
    Fn2<Tensor, Tensor, Tensor> f =
        (p, v) -> cond(p.greater(0), Tensor::sin, y -> Tensor.zeros(DType.F64, 3), v);
    Tensor predicates = vmap(f, in(0, NONE)).apply(vector(-1, 1), x.get(0));
    assertEqual(predicates.get(0), 0, 0, 0);
    assertClose(predicates.get(1), x.get(0).sin());
    Tensor operands = vmap(f, in(NONE, 0)).apply(scalar(1), x);
    assertClose(operands, x.sin());
    assertThat(vmap(BRANCHING).apply(Tensor.zeros(DType.F64, 0, 3)).shape().extents())
        .containsExactly(0, 3);
  }

  @ParameterizedTest
  @CsvSource({"-3,0", "0,0", "1,1", "2,2", "3,2", "5000000000,2"})
  void switchClampsTheIndex(long index, int expected) {
    List<Fn<Tensor, Tensor>> branches = List.of(x -> x, x -> x.add(1.0), x -> x.add(2.0));
    Tensor chosen = switchCase(Tensor.scalar(index), branches, scalar(0));
    assertEqual(chosen, expected);
    Tensor mapped =
        vmap((Tensor i) -> switchCase(i, branches, scalar(0))).apply(Tensor.of(index, 1L));
    assertEqual(mapped, expected, 1);
  }

  @Test
  void whileLoops() {
    assertEqual(whileLoop(x -> x.less(100), x -> x.mul(2.0), scalar(3)), 192);
    assertEqual(whileLoop(x -> x.less(100), x -> x.mul(2.0), scalar(200)), 200);
    Tensor factor = scalar(2);
    Tensor limit = scalar(100);
    Fn<Tensor, Tensor> f = v -> whileLoop(x -> x.less(limit), x -> x.mul(factor), v);
    assertEqual(jit(f).apply(scalar(3)), 192);
    assertEqual(vmap(f).apply(vector(3, 200, 50)), 192, 200, 100);
    assertThat(vmap(f).apply(Tensor.zeros(DType.F64, 0)).shape().extents()).containsExactly(0);
  }

  @Test
  void whileLoopsOfTreesMappedInPart() {
    Fn2<Tensor, Tensor, Pair> f =
        (n, x) ->
            whileLoop(
                c -> c.a.less(n),
                c -> new Pair(c.a.add(1L), c.b.mul(x)),
                new Pair(Tensor.scalar(0), scalar(1)));
    Pair plain = f.apply(Tensor.scalar(3), scalar(2));
    assertEqual(plain.b, 8);
    Pair counts = vmap(f, in(0, NONE)).apply(Tensor.of(0, 1, 5), scalar(2));
    assertEqual(counts.a, 0, 1, 5);
    assertEqual(counts.b, 1, 2, 32);
    Pair factors = vmap(f, in(NONE, 0)).apply(Tensor.scalar(2), vector(3, 4));
    assertEqual(factors.a, 2, 2);
    assertEqual(factors.b, 9, 16);
    Pair both = vmap(f).apply(Tensor.of(2, 3), vector(3, 4));
    assertEqual(both.b, 9, 64);
  }

  @Test
  void whileLoopEndsAfterTheLargestNumberOfSteps() {
    Fn<Tensor, Tensor> f = v -> whileLoop(x -> x.less(100), x -> x.mul(2.0), v, 4);
    assertEqual(f.apply(scalar(3)), 48);
    assertEqual(f.apply(scalar(30)), 120);
    assertEqual(vmap(f).apply(vector(3, 30, 200)), 48, 120, 200);
    assertEqual(whileLoop(x -> x.less(100), x -> x.mul(2.0), scalar(3), 0), 3);
  }

  @Test
  void foriLoops() {
    Tensor w = scalar(3);
    assertEqual(foriLoop(4, (i, x) -> x.mul(w).add(i), scalar(1)), 99);
    assertEqual(foriLoop(2, 4, (i, x) -> x.mul(w).add(i), scalar(1)), 18);
    assertEqual(foriLoop(0, (i, x) -> x.add(1.0), scalar(7)), 7);
    assertEqual(foriLoop(5, 2, (i, x) -> x.add(1.0), scalar(7)), 7);
    assertEqual(foriLoop(Tensor.scalar(4), (i, x) -> x.mul(w).add(i), scalar(1)), 99);
    assertEqual(foriLoop(Tensor.scalar(4L), (i, x) -> x.mul(w).add(i), scalar(1)), 99);
    assertThat(foriLoop(3, (i, x) -> i, Tensor.scalar(0)).dtype()).isEqualTo(DType.I32);
    Fn<Tensor, Tensor> power = n -> foriLoop(n, (i, x) -> x.mul(w), scalar(1));
    assertEqual(vmap(power).apply(Tensor.of(0, 1, 4)), 1, 3, 81);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void scanAgainstALoop(boolean reverse) {
    int n = 7;
    Tensor x = random(0, n, 2);
    Tensor z = random(1, n);
    double w = 0.7;
    Tensor init = random(2, 2);
    for (int unroll : List.of(1, 2, 3, 7, 20)) {
      var got =
          everything(
              scalar(w),
              new Pair(init, scalar(0)),
              new Pair(x, z),
              new ScanOptions(reverse, unroll));
      double[] carry = init.toDoubleArray();
      double[] old = new double[2 * n];
      double[] product = new double[2 * n];
      for (int step = 0; step < n; step++) {
        int t = reverse ? n - 1 - step : step;
        for (int k = 0; k < 2; k++) {
          double xt = x.toDoubleArray()[2 * t + k];
          old[2 * t + k] = carry[k];
          product[2 * t + k] = xt * z.toDoubleArray()[t] + step;
          carry[k] = Math.tanh(carry[k] * w + xt);
        }
      }
      assertClose(got.carry().a, Tensor.of(carry));
      assertEqual(got.carry().b, n);
      assertClose(got.ys().get("old").flatten(), Tensor.of(old));
      assertClose(got.ys().get("product").flatten(), Tensor.of(product));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void scanMappedInEachPart(boolean reverse) {
    ScanOptions options = new ScanOptions(reverse, 1);
    Fn<List<Tensor>, List<Tensor>> f =
        v -> {
          var s =
              everything(
                  v.get(0), new Pair(v.get(1), v.get(2)), new Pair(v.get(3), v.get(4)), options);
          return List.of(s.carry().a, s.carry().b, s.ys().get("old"), s.ys().get("product"));
        };
    List<Tensor> example =
        List.of(random(0, 2), random(1, 2), random(2), random(3, 5, 2), random(4, 5));
    for (int mask = 1; mask < 32; mask++) {
      for (int axis : new int[] {0, -1}) {
        List<Tensor> arguments = new java.util.ArrayList<>(example);
        List<Object> axes = new java.util.ArrayList<>();
        for (int i = 0; i < 5; i++) {
          boolean mapped = (mask >> i & 1) == 1;
          axes.add(mapped ? (Object) axis : NONE);
          if (mapped) {
            Tensor x = example.get(i);
            arguments.set(i, Tensor.stack(axis, x, x.mul(-0.5), x.add(1.0)));
          }
        }
        List<Tensor> got = vmap(f, in(axes), out(axis)).apply(arguments);
        for (int b = 0; b < 3; b++) {
          List<Tensor> one = new java.util.ArrayList<>();
          for (int i = 0; i < 5; i++) {
            Tensor x = arguments.get(i);
            one.add((mask >> i & 1) == 1 ? x.moveAxis(axis, 0).get(b) : x);
          }
          List<Tensor> expected = f.apply(one);
          for (int i = 0; i < 4; i++) {
            assertClose(got.get(i).moveAxis(axis, 0).get(b), expected.get(i));
          }
        }
      }
    }
  }

  @Test
  void scanOfNothing() {
    var empty =
        scan((c, x) -> new Step<>(c.add(x), c), scalar(2), Tensor.zeros(DType.F64, 0, 3).sum(1));
    assertEqual(empty.carry(), 2);
    assertThat(empty.ys().shape().extents()).containsExactly(0);
    var withoutXs = scan(c -> new Step<>(c.mul(2.0), c), scalar(1), 4);
    assertEqual(withoutXs.carry(), 16);
    assertEqual(withoutXs.ys(), 1, 2, 4, 8);
    var withoutCarry = scan((c, x) -> new Step<>(null, x.sin()), null, vector(1, 2));
    assertThat(withoutCarry.carry()).isNull();
    assertClose(withoutCarry.ys(), vector(1, 2).sin());
    var withoutYs = scan((c, x) -> new Step<>(c.add(x), null), scalar(0), vector(1, 2));
    assertThat(withoutYs.ys()).isNull();
    assertEqual(withoutYs.carry(), 3);
  }

  @Test
  void carriesOfEveryDType() {
    for (DType dtype : DType.values()) {
      Tensor one = Tensor.ones(dtype, 2);
      Tensor last = foriLoop(3, (i, x) -> Tensor.where(i.less(2), x, one), Tensor.zeros(dtype, 2));
      assertThat(last.dtype()).isEqualTo(dtype);
      assertEqual(last, 1, 1);
    }
  }

  @Test
  void mapIsALoop() {
    Tensor x = random(0, 7, 3);
    Tensor w = random(1, 3);
    Fn<Tensor, Tensor> f = v -> v.mul(w).sin();
    assertClose(map(f, x), vmap(f).apply(x));
    for (long batch : new long[] {1, 2, 3, 7, 9}) {
      assertClose(map(f, x, batch), vmap(f).apply(x));
      assertClose(jit((Tensor v) -> map(f, v, batch)).apply(x), vmap(f).apply(x));
    }
    Tensor batch = random(2, 2, 7, 3);
    assertClose(vmap((Tensor v) -> map(f, v, 2)).apply(batch).get(1), map(f, batch.get(1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 8, 13})
  void associativeScans(int n) {
    Tensor x = random(n, 2, n, 3);
    double[] sums = x.toDoubleArray();
    double[] back = x.toDoubleArray();
    for (int i = 0; i < 2; i++) {
      for (int k = 0; k < 3; k++) {
        for (int j = 1; j < n; j++) {
          sums[(i * n + j) * 3 + k] += sums[(i * n + j - 1) * 3 + k];
          back[(i * n + n - 1 - j) * 3 + k] += back[(i * n + n - j) * 3 + k];
        }
      }
    }
    assertClose(associativeScan(Tensor::add, x, 1).flatten(), Tensor.of(sums));
    assertClose(associativeScan(Tensor::add, x, -2, true).flatten(), Tensor.of(back));
    Fn<Tensor, Tensor> f = v -> associativeScan(Tensor::add, v, 0);
    assertClose(vmap(f).apply(x).flatten(), Tensor.of(sums));
  }

  /** The linear recurrence h[t] = a[t] h[t-1] + b[t] by composing affine maps. */
  @Test
  void associativeScanOfTrees() {
    Tensor a = random(0, 6);
    Tensor b = random(1, 6);
    Fn2<Pair, Pair, Pair> compose = (p, q) -> new Pair(p.a.mul(q.a), p.b.mul(q.a).add(q.b));
    Pair h = associativeScan(compose, new Pair(a, b), 0);
    var expected =
        scan(
            (c, x) -> {
              Tensor next = c.mul(x.a).add(x.b);
              return new Step<>(next, next);
            },
            scalar(0),
            new Pair(a, b));
    assertClose(h.b, expected.ys());
  }

  @Test
  void nested() {
    Fn2<Tensor, Tensor, Tensor> f =
        (x, w) ->
            scan(
                    (c, t) ->
                        new Step<>(
                            cond(
                                t.greater(0),
                                v -> foriLoop(3, (i, u) -> u.mul(w).add(t), v),
                                v -> whileLoop(u -> u.abs().less(5), u -> u.mul(2.0), v.add(t)),
                                c),
                            c),
                    scalar(1),
                    x)
                .ys();
    Tensor x = vector(0.5, -0.3, 1.2, -2);
    double[] expected = new double[4];
    double c = 1;
    for (int t = 0; t < 4; t++) {
      expected[t] = c;
      double xt = x.toDoubleArray()[t];
      if (xt > 0) {
        for (int i = 0; i < 3; i++) {
          c = c * 0.7 + xt;
        }
      } else {
        c += xt;
        while (Math.abs(c) < 5) {
          c *= 2;
        }
      }
    }
    assertClose(f.apply(x, scalar(0.7)), Tensor.of(expected));
    assertClose(jit(f).apply(x, scalar(0.7)), Tensor.of(expected));
    Tensor each = vmap(f, in(0, NONE)).apply(Tensor.stack(0, x, x.flip(0)), scalar(0.7));
    assertClose(each.get(0), Tensor.of(expected));
    assertClose(each.get(1), f.apply(x.flip(0), scalar(0.7)));
  }

  /** Carries and ys that are inputs or the same as others, and carries that change places. */
  @Test
  void resultsThatAreNotComputed() {
    Tensor captured = vector(7, 8);
    Tensor x = vector(1, 2, 3);
    var kept = scan((c, t) -> new Step<>(c, List.of(t, captured, c, t)), scalar(5), x);
    assertEqual(kept.carry(), 5);
    assertEqual(kept.ys().get(0), 1, 2, 3);
    assertEqual(kept.ys().get(1).flatten(), 7, 8, 7, 8, 7, 8);
    assertEqual(kept.ys().get(2), 5, 5, 5);
    assertEqual(kept.ys().get(3), 1, 2, 3);
    Pair start = new Pair(scalar(1), scalar(2));
    for (int n = 0; n < 4; n++) {
      Pair swapped = foriLoop(n, (i, c) -> new Pair(c.b, c.a), start);
      assertEqual(swapped.a, n % 2 == 0 ? 1 : 2);
      assertEqual(swapped.b, n % 2 == 0 ? 2 : 1);
    }
    Pair fibonacci = whileLoop(c -> c.b.less(90), c -> new Pair(c.b, c.a.add(c.b)), start);
    assertEqual(fibonacci.a, 89);
    assertEqual(fibonacci.b, 144);
    Pair same = cond(Tensor.scalar(true), c -> new Pair(c.b, c.b), c -> c, start);
    assertEqual(same.a, 2);
    start.b.close();
    assertEqual(same.b, 2);
  }

  /** A mapped loop whose examples end at different steps, with other loops inside. */
  @Test
  void mappedLoopsInMappedLoops() {
    Fn<Tensor, Tensor> f =
        v ->
            whileLoop(
                c -> c.sum().less(50),
                c ->
                    foriLoop(
                        2,
                        (i, u) ->
                            whileLoop(w -> w.sum().less(i.add(3L)), w -> w.add(0.7), u).mul(1.5),
                        c),
                v);
    Tensor batch = random(3, 5, 3).abs();
    Tensor each = vmap(f).apply(batch);
    Tensor twice = vmap(vmap(f)).apply(Tensor.stack(0, batch, batch.mul(3.0)));
    for (int i = 0; i < 5; i++) {
      assertClose(each.get(i), f.apply(batch.get(i)));
      assertClose(twice.get(1).get(i), f.apply(batch.get(i).mul(3.0)));
    }
  }
}
