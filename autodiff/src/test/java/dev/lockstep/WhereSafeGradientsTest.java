package dev.lockstep;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Selections leak no NaN from the branch not taken, at its edges, in first and second order. */
class WhereSafeGradientsTest extends EveryBackend {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  /** A function of each element with its first and second derivatives. */
  private record Case(
      String name,
      Fn<Tensor, Tensor> function,
      DoubleUnaryOperator first,
      DoubleUnaryOperator second,
      double... points) {}

  private static DoubleUnaryOperator above(double edge, DoubleUnaryOperator derivative) {
    return x -> x > edge ? derivative.applyAsDouble(x) : 0;
  }

  private static DoubleUnaryOperator within(DoubleUnaryOperator derivative) {
    return x -> Math.abs(x) < 1 ? derivative.applyAsDouble(x) : 0;
  }

  private static DoubleUnaryOperator awayFromZero(DoubleUnaryOperator derivative) {
    return x -> x != 0 ? derivative.applyAsDouble(x) : 0;
  }

  private static final List<Case> CASES =
      List.of(
          new Case(
              "log",
              x -> Tensor.where(x.greater(0), x.log(), 0),
              above(0, x -> 1 / x),
              above(0, x -> -1 / (x * x)),
              -2,
              -0.0,
              0,
              1e-3,
              0.5,
              3,
              INF,
              NAN),
          new Case(
              "log in the other branch",
              x -> Tensor.where(x.lessEqual(0), 0, x.log()),
              above(0, x -> 1 / x),
              above(0, x -> -1 / (x * x)),
              -2,
              -0.0,
              0,
              1e-3,
              0.5,
              3),
          new Case(
              "sqrt",
              x -> Tensor.where(x.greater(0), x.sqrt(), 0),
              above(0, x -> 0.5 / Math.sqrt(x)),
              above(0, x -> -0.25 * Math.pow(x, -1.5)),
              -2,
              0,
              1e-3,
              0.5,
              3),
          new Case(
              "rsqrt of a square",
              x -> Tensor.where(x.notEqual(0), x.square().rsqrt(), 7),
              awayFromZero(x -> -Math.signum(x) / (x * x)),
              awayFromZero(x -> 2 / Math.abs(x * x * x)),
              -2,
              0,
              0.5,
              3),
          new Case(
              "division",
              x ->
                  Tensor.where(
                      x.notEqual(0), Tensor.ones(DType.F64, x.shape().extents()).div(x), 5),
              awayFromZero(x -> -1 / (x * x)),
              awayFromZero(x -> 2 / (x * x * x)),
              -2,
              0,
              0.5,
              3),
          new Case(
              "pow",
              x -> Tensor.where(x.greater(0), x.pow(0.5), x.square()),
              x -> x > 0 ? 0.5 / Math.sqrt(x) : 2 * x,
              x -> x > 0 ? -0.25 * Math.pow(x, -1.5) : 2,
              -2,
              0,
              0.5,
              3),
          new Case(
              "x log x",
              x -> Tensor.where(x.greater(0), x.mul(x.log()), 0),
              above(0, x -> Math.log(x) + 1),
              above(0, x -> 1 / x),
              -2,
              0,
              1e-3,
              0.5,
              3),
          new Case(
              "cbrt",
              x -> Tensor.where(x.notEqual(0), x.cbrt(), 0),
              awayFromZero(x -> 1 / (3 * Math.pow(Math.cbrt(x), 2))),
              awayFromZero(x -> -2 / (9 * Math.pow(Math.cbrt(x), 5))),
              -2,
              0,
              0.5,
              3),
          new Case(
              "asin",
              x -> Tensor.where(x.abs().less(1), x.asin(), x.sign()),
              within(x -> 1 / Math.sqrt(1 - x * x)),
              within(x -> x * Math.pow(1 - x * x, -1.5)),
              -1.5,
              -1,
              -0.5,
              0,
              0.5,
              1),
          new Case(
              "atanh",
              x -> Tensor.where(x.abs().less(1), x.atanh(), x.sign()),
              within(x -> 1 / (1 - x * x)),
              within(x -> 2 * x / Math.pow(1 - x * x, 2)),
              -1.5,
              -1,
              -0.5,
              0,
              0.5,
              1),
          new Case(
              "acosh",
              x -> Tensor.where(x.greater(1), x.acosh(), 0),
              above(1, x -> 1 / Math.sqrt(x * x - 1)),
              above(1, x -> -x * Math.pow(x * x - 1, -1.5)),
              -1,
              0.5,
              1,
              1.5,
              3),
          new Case(
              "an exponential that overflows",
              x -> Tensor.where(x.less(30), x.exp().log1p(), x),
              x -> x < 30 ? 1 / (1 + Math.exp(-x)) : 1,
              x -> x < 30 ? 1 / (2 + Math.exp(-x) + Math.exp(x)) : 0,
              -2,
              0,
              3,
              30,
              1000),
          new Case(
              "an essential singularity",
              x -> Tensor.where(x.greater(0), x.reciprocal().neg().exp(), 0),
              above(0, x -> Math.exp(-1 / x) / (x * x)),
              above(0, x -> Math.exp(-1 / x) * (1 - 2 * x) / Math.pow(x, 4)),
              -1e-200,
              0,
              0.1,
              3),
          new Case(
              "sinc",
              x -> Tensor.where(x.notEqual(0), x.sin().div(x), 1),
              awayFromZero(x -> (x * Math.cos(x) - Math.sin(x)) / (x * x)),
              awayFromZero(x ->
                  -Math.sin(x) / x - 2 * Math.cos(x) / (x * x) + 2 * Math.sin(x) / (x * x * x)),
              -2,
              0,
              0.5,
              3),
          new Case(
              "nested selections",
              x ->
                  Tensor.where(
                      x.greater(0),
                      Tensor.where(x.less(1), x.log().add(x.neg().log1p()), x.sqrt()),
                      0),
              above(0, x -> x < 1 ? 1 / x - 1 / (1 - x) : 0.5 / Math.sqrt(x)),
              above(
                  0,
                  x -> x < 1 ? -1 / (x * x) - 1 / ((1 - x) * (1 - x)) : -0.25 * Math.pow(x, -1.5)),
              -2,
              0,
              0.25,
              0.75,
              1,
              3),
          new Case(
              "two branches that are not safe",
              x -> Tensor.where(x.greater(0), x.log(), x.neg().log()).mul(2),
              x -> 2 / x,
              x -> -2 / (x * x),
              -2,
              -0.5,
              0.5,
              3),
          new Case(
              "selections that meet again",
              x -> {
                Tensor y = x.sqrt();
                Tensor positive = x.greater(0);
                return Tensor.where(positive, y.log(), 0).add(Tensor.where(positive, y.mul(y), 0));
              },
              above(0, x -> 0.5 / x + 1),
              above(0, x -> -0.5 / (x * x)),
              -2,
              0,
              0.25,
              3),
          new Case(
              "a larger one of which one is not finite",
              x -> Tensor.where(x.greater(0), x.log(), -INF).maximum(-1),
              above(Math.exp(-1), x -> 1 / x),
              above(Math.exp(-1), x -> -1 / (x * x)),
              -2,
              0,
              0.25,
              3),
          new Case(
              "clip",
              x -> x.log().clip(-1.0, 1.0),
              x -> x > Math.exp(-1) && x < Math.E ? 1 / x : 0,
              x -> x > Math.exp(-1) && x < Math.E ? -1 / (x * x) : 0,
              0,
              0.25,
              1.5,
              3,
              INF),
          new Case(
              "relu",
              x -> x.log().relu(),
              above(1, x -> 1 / x),
              above(1, x -> -1 / (x * x)),
              0,
              0.25,
              1.5,
              3));

  private static void assertValues(String context, Tensor got, double... want) {
    assertThat(got.shape().size()).as(context).isEqualTo(want.length);
    double[] values = got.cast(DType.F64).toDoubleArray();
    for (int i = 0; i < want.length; i++) {
      Offset<Double> offset = Offset.offset(1e-9 * (1 + Math.abs(want[i])));
      assertThat(values[i]).as(context + " at " + i).isCloseTo(want[i], offset);
    }
  }

  private static void assertDiagonal(String context, Tensor got, double... want) {
    assertValues(context, got, Tensor.of(want).diag().toDoubleArray());
  }

  @Test
  void firstDerivativesInEveryMode() {
    for (Case c : CASES) {
      Tensor x = vector(c.points);
      double[] want = each(c.first, c.points);
      Fn<Tensor, Tensor> f = c.function;
      Fn<Tensor, Tensor> sum = v -> f.apply(v).sum();
      Tensor ones = Tensor.ones(DType.F64, x.shape().extents());
      assertValues(c.name + " grad", grad(sum).apply(x), want);
      assertValues(c.name + " jit(grad)", jit(grad(sum)).apply(x), want);
      assertValues(c.name + " jvp", jvp(f, x, ones).tangent(), want);
      assertValues(c.name + " vmap(grad)", vmap(grad(f)).apply(x), want);
      assertValues(
          c.name + " grad(vmap)", grad((Tensor v) -> vmap(f).apply(v).sum()).apply(x), want);
      assertDiagonal(c.name + " jacfwd", jacfwd(f).apply(x), want);
      assertDiagonal(c.name + " jacrev", jacrev(f).apply(x), want);
      for (int i = 0; i < c.points.length; i++) {
        assertValues(c.name + " of a scalar", grad(f).apply(Tensor.scalar(c.points[i])), want[i]);
      }
    }
  }

  @Test
  void secondDerivativesInEveryMode() {
    for (Case c : CASES) {
      Tensor x = vector(c.points);
      double[] want = each(c.second, c.points);
      Fn<Tensor, Tensor> f = c.function;
      Fn<Tensor, Tensor> sum = v -> f.apply(v).sum();
      assertDiagonal(c.name + " hessian", hessian(sum).apply(x), want);
      assertDiagonal(c.name + " jit(hessian)", jit(hessian(sum)).apply(x), want);
      assertDiagonal(c.name + " jacrev(jacrev)", jacrev(jacrev(sum)).apply(x), want);
      assertDiagonal(c.name + " jacrev(jacfwd)", jacrev(jacfwd(sum)).apply(x), want);
      assertDiagonal(c.name + " jacfwd(jacfwd)", jacfwd(jacfwd(sum)).apply(x), want);
      assertValues(c.name + " vmap(grad(grad))", vmap(grad(grad(f))).apply(x), want);
      assertValues(
          c.name + " grad(grad)", grad((Tensor v) -> grad(sum).apply(v).sum()).apply(x), want);
    }
  }

  private static double[] each(DoubleUnaryOperator f, double... points) {
    double[] values = new double[points.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = f.applyAsDouble(points[i]);
    }
    return values;
  }

  @Test
  void theBranchTakenStillShowsItsNan() {
    Fn<Tensor, Tensor> root = x -> Tensor.where(x.greaterEqual(-1), x.sqrt(), 0);
    assertThat(grad(root).apply(Tensor.scalar(-0.5)).item()).isNaN();
    assertThat(grad(root).apply(Tensor.scalar(0.0)).item()).isEqualTo(INF);
    assertThat(grad(root).apply(Tensor.scalar(-1.5)).item()).isEqualTo(0);
    Fn<Tensor, Tensor> twice = x -> Tensor.where(x.greaterEqual(0), x.sqrt().mul(x.sqrt()), 0);
    assertThat(grad(twice).apply(Tensor.scalar(0.0)).item()).isNaN();
    assertThat(grad((Tensor x) -> x.sqrt().mul(0)).apply(Tensor.scalar(0.0)).item()).isNaN();
    Fn<Tensor, Tensor> mixed = x -> root.apply(x).add(x.log());
    assertThat(grad(mixed).apply(Tensor.scalar(-2.0)).item()).isEqualTo(-0.5);
    Fn<Tensor, Tensor> clipped = x -> x.log().maximum(-1);
    assertThat(grad(clipped).apply(Tensor.scalar(NAN)).item()).isEqualTo(0);
  }

  /** Of each op g: the derivatives are those with a log that is made safe before. */
  @Test
  void throughOpsThatMoveElements() {
    Tensor places = Tensor.of(2, 0, 2);
    List<Fn<Tensor, Tensor>> moves =
        List.of(
            x -> x.transpose(),
            x -> x.reshape(3, 2),
            x -> x.flip(1).flip(0),
            x -> x.slice(new long[] {0, 0}, new long[] {2, 3}, new long[] {1, 2}),
            x -> x.broadcastTo(4, 2, 3),
            x -> x.expandDims(1).broadcastTo(2, 5, 3),
            x -> Tensor.concatenate(0, x, x.mul(2)),
            x -> x.pad(new long[] {1, 0}, new long[] {0, 2}).add(0.5),
            x -> x.take(places, 1),
            x -> x.get(1),
            x -> x.at(0).set(x.get(1).mul(3)),
            x -> x.at(1).add(x.get(0)),
            x -> x.roll(1, 0),
            x -> x.tile(2, 1),
            x -> x.max(1));
    Tensor x = Tensor.of(0, 2, -1, 0.5, 0, 3).reshape(2, 3);
    for (int i = 0; i < moves.size(); i++) {
      Fn<Tensor, Tensor> move = moves.get(i);
      Fn<Tensor, Tensor> bare = v -> sumWhereFinite(move, v, v.log());
      Fn<Tensor, Tensor> guarded =
          v -> sumWhereFinite(move, v, Tensor.where(v.greater(0), v, 1).log());
      assertValues("move " + i, grad(bare).apply(x), grad(guarded).apply(x).toDoubleArray());
      assertValues("move " + i, hessian(bare).apply(x), hessian(guarded).apply(x).toDoubleArray());
    }
  }

  private static Tensor sumWhereFinite(Fn<Tensor, Tensor> move, Tensor x, Tensor log) {
    Tensor finite = move.apply(x.log()).isFinite();
    return Tensor.where(finite, move.apply(log), 0).square().sum();
  }

  @Test
  void normalisationOfRowsThatMayBeZero() {
    Fn<Tensor, Tensor> unit =
        v -> {
          Tensor squares = v.square().sum();
          return Tensor.where(squares.greater(0), v.div(squares.sqrt()), 0);
        };
    Tensor w = vector(1, 2, -3);
    Fn<Tensor, Tensor> along = v -> unit.apply(v).mul(w).sum();
    Tensor zero = vector(0, 0, 0);
    assertValues("gradient", grad(along).apply(zero), 0, 0, 0);
    assertValues("hessian", hessian(along).apply(zero), new double[9]);
    assertValues("jacobian", jacrev(unit).apply(zero), new double[9]);
    Tensor rows = Tensor.of(0.0, 0, 0, 3, 0, 4, 0, 0, 0).reshape(3, 3);
    Tensor batch = vmap(grad(along)).apply(rows);
    Tensor second = vmap(hessian(along)).apply(rows);
    for (int i = 0; i < 3; i++) {
      Tensor row = rows.get(i);
      assertValues("row " + i, batch.get(i), grad(along).apply(row).toDoubleArray());
      assertValues("row " + i, second.get(i), hessian(along).apply(row).toDoubleArray());
    }
    // (w - u (u·w)) / |v| of v = (3, 0, 4), u·w = -1.8
    assertValues("row 1", batch.get(1), (1 + 1.08) / 5, 0.4, (-3 + 1.44) / 5);
  }

  @Test
  void maskedSoftmaxWithARowThatIsAllMasked() {
    Tensor mask = Tensor.of(true, true, false, false, false, false).reshape(2, 3);
    Tensor weights = Tensor.of(1.0, 2, 3, 4, 5, 6).reshape(2, 3);
    Fn<Tensor, Tensor> f =
        scores -> {
          Tensor masked = Tensor.where(mask, scores, -INF);
          return Tensor.where(mask, masked.softmax(1), 0).mul(weights).sum();
        };
    Tensor scores = Tensor.of(0.0, 0, 7, 1, 2, 3).reshape(2, 3);
    assertValues("gradient", grad(f).apply(scores), -0.25, 0.25, 0, 0, 0, 0);
    assertValues("jit", jit(grad(f)).apply(scores), -0.25, 0.25, 0, 0, 0, 0);
    double[] second = new double[36];
    assertValues("hessian", hessian(f).apply(scores), second);
  }

  @Test
  void insideOfLoopsBranchesAndCheckpoints() {
    Fn<Tensor, Tensor> log = x -> Tensor.where(x.greater(0), x.log().mul(x.sqrt()), x.mul(3));
    Tensor x = vector(-1, 0, 1, 4);
    double[] want = {3, 3, 1, 0.5 + Math.log(4) / 4};
    Fn<Tensor, Tensor> scanned =
        v ->
            Control.scan(
                    (Tensor c, Tensor t) -> new Step<>(c.add(log.apply(t)), c),
                    Tensor.scalar(0.0),
                    v)
                .carry();
    assertValues("scan", grad(scanned).apply(x), want);
    assertValues("jit of scan", jit(grad(scanned)).apply(x), want);
    assertValues("vmap of scan", vmap(grad(scanned)).apply(x.reshape(2, 2)), want);
    Fn<Tensor, Tensor> checkpointed = v -> Lockstep.checkpoint(log).apply(v).sum();
    assertValues("checkpoint", grad(checkpointed).apply(x), want);
    Fn<Tensor, Tensor> looped =
        v -> Control.foriLoop(2, (i, c) -> c.add(log.apply(v)), v.mul(0)).sum();
    assertValues("foriLoop", grad(looped).apply(x), each(d -> 2 * d, want));
    Fn<Tensor, Tensor> chosen =
        v -> Control.cond(v.sum().greater(0), log, (Tensor t) -> t, v).sum();
    assertValues("cond", grad(chosen).apply(x), want);
  }

  @Test
  void choicesThatBecomeSelectionsUnderVmap() {
    Fn<Tensor, Tensor> f =
        v -> Control.cond(v.greater(0), (Tensor t) -> t.log(), (Tensor t) -> t.mul(3), v);
    Tensor x = vector(-1, 0, 1, 4);
    assertValues("vmap(grad)", vmap(grad(f)).apply(x), 3, 3, 1, 0.25);
    assertValues("grad(vmap)", grad((Tensor v) -> vmap(f).apply(v).sum()).apply(x), 3, 3, 1, 0.25);
    assertValues("vmap(grad(grad))", vmap(grad(grad(f))).apply(x), 0, 0, -1, -0.0625);
  }

  @Test
  void otherSelectionsLeakNothingEither() {
    Tensor x = vector(0, 0.25, 2);
    Fn<Tensor, Tensor> running = v -> v.log().cumMax(0).sum();
    assertValues(
        "cumMax forward",
        jvp(v -> v.log().cumMax(0).get(2), x, Tensor.ones(DType.F64, x.shape().extents()))
            .tangent(),
        0.5);
    assertValues(
        "cumMax", grad((Tensor v) -> running.apply(v)).apply(vector(0.25, 0, 2)), 8, 0, 0.5);
    Fn<Tensor, Tensor> written =
        v -> Tensor.of(-1.0, -1.0, -9.0).at(Tensor.of(0, 1, 2)).max(v.log()).sum();
    assertValues("at.max", grad(written).apply(x), 0, 0, 0.5);
    assertValues("at.max forward", jacfwd(written).apply(x), 0, 0, 0.5);
    Tensor first = Tensor.of(0);
    Fn<Tensor, Tensor> replaced = v -> v.log().at(first).set(Tensor.of(5.0)).sum();
    assertValues("at.set", grad(replaced).apply(x), 0, 4, 0.5);
    assertValues("at.set forward", jacfwd(replaced).apply(x), 0, 4, 0.5);
    assertValues("max", grad((Tensor v) -> v.log().max()).apply(x), 0, 0, 0.5);
    assertValues("max forward", jacfwd((Tensor v) -> v.log().max()).apply(x), 0, 0, 0.5);
    assertValues(
        "maximum forward", jacfwd((Tensor v) -> v.log().maximum(0).sum()).apply(x), 0, 0, 0.5);
  }

  /** What needs no selection has none, and a chain of products has one behind it. */
  @Test
  void selectsOnceAChain() {
    TensorType type = TensorType.of(DType.F64, 3);
    Program plain = Program.of(grad((Tensor x) -> x.log().mul(x.sqrt()).sum()), type);
    assertThat(count(plain)).isZero();
    Fn<Tensor, Tensor> chain =
        x -> Tensor.where(x.greater(0), x.log().sqrt().exp().tanh(), 0).sum();
    assertThat(count(Program.of(chain, type))).isEqualTo(1);
    assertThat(count(Program.of(grad(chain), type))).isLessThanOrEqualTo(2);
  }

  private static long count(Program program) {
    return program.equations().stream()
        .filter(equation -> equation.primitive().name().equals("where"))
        .count();
  }
}
