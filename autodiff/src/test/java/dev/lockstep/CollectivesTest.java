package dev.lockstep;

import static dev.lockstep.Collectives.allGather;
import static dev.lockstep.Collectives.axisIndex;
import static dev.lockstep.Collectives.pmax;
import static dev.lockstep.Collectives.pmean;
import static dev.lockstep.Collectives.pmin;
import static dev.lockstep.Collectives.psum;
import static dev.lockstep.Collectives.psumScatter;
import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.checkpoint;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.out;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.differences;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Collective;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CollectivesTest extends EveryBackend {
  private static final Axes.In BATCH = in(0).named("batch");
  private static final Tensor X = random(0, 4, 3);

  /** Functions of one example of {@link #X} with each collective, and the classes they use. */
  private static final Map<Class<?>, Fn<Tensor, Tensor>> FUNCTIONS =
      Map.of(
          Collective.Psum.class, x -> psum(x.sin(), "batch").mul(x),
          Collective.Pmax.class, x -> pmax(x.square(), "batch").mul(x),
          Collective.Pmin.class, x -> pmin(x.exp(), "batch").mul(x),
          Collective.AllGather.class, x -> allGather(x.sin(), "batch").mul(x).sum(0),
          Collective.PsumScatter.class, x -> psumScatter(gathered(x), "batch").mul(x),
          Collective.AxisIndex.class, x -> x.square().mul(axisIndex("batch").cast(DType.F64)));

  private static Tensor gathered(Tensor x) {
    return Tensor.stack(0, x, x.sin(), x.square(), x.exp());
  }

  @Test
  void combineTheExamples() {
    Tensor repeat = Tensor.ones(DType.F64, 4, 1);
    assertClose(vmap((Tensor x) -> psum(x, "batch"), BATCH).apply(X), X.sum(0).mul(repeat));
    assertClose(vmap((Tensor x) -> pmean(x, "batch"), BATCH).apply(X), X.mean(0).mul(repeat));
    assertClose(vmap((Tensor x) -> pmax(x, "batch"), BATCH).apply(X), X.max(0).mul(repeat));
    assertClose(vmap((Tensor x) -> pmin(x, "batch"), BATCH).apply(X), X.min(0).mul(repeat));
    assertClose(vmap((Tensor x) -> allGather(x, "batch"), BATCH).apply(X), X.broadcastTo(4, 4, 3));
    assertClose(
        vmap((Tensor x) -> psumScatter(allGather(x, "batch"), "batch"), BATCH).apply(X), X.mul(4));
    Tensor index = vmap((Tensor x) -> axisIndex("batch"), BATCH).apply(X);
    assertThat(index.dtype()).isEqualTo(DType.I32);
    assertEqual(index, 0, 1, 2, 3);
  }

  @Test
  void theSameForAllExamplesMayHaveOutAxisNone() {
    Fn<Tensor, Tensor> sum = vmap((Tensor x) -> psum(x, "batch"), BATCH, out(NONE));
    assertClose(sum.apply(X), X.sum(0));
    assertClose(vmap((Tensor x) -> allGather(x, "batch"), BATCH, out(NONE)).apply(X), X);
  }

  @Test
  void ofWhatIsNotMapped() {
    Tensor y = vector(1, 2);
    Axes.In axes = in(NONE).size(4).named("batch");
    assertThat(axes).hasToString("in(NONE).size(4).named(\"batch\")");
    assertClose(vmap((Tensor e) -> psum(e, "batch"), axes, out(NONE)).apply(y), y.mul(4));
    assertClose(vmap((Tensor e) -> pmean(e, "batch"), axes, out(NONE)).apply(y), y);
    assertClose(vmap((Tensor e) -> pmax(e, "batch"), axes, out(NONE)).apply(y), y);
    assertClose(vmap((Tensor e) -> pmin(e, "batch"), axes, out(NONE)).apply(y), y);
    assertClose(
        vmap((Tensor e) -> allGather(e, "batch"), axes, out(NONE)).apply(y), y.broadcastTo(4, 2));
    assertClose(
        vmap((Tensor e) -> psumScatter(e, "batch"), axes).apply(random(1, 4, 2)),
        random(1, 4, 2).mul(4));
    assertEqual(vmap((Tensor e) -> axisIndex("batch"), axes).apply(y), 0, 1, 2, 3);
  }

  @Test
  void treesAndDtypes() {
    List<Tensor> pair =
        vmap((Tensor x) -> psum(List.of(x, x.sum()), "batch"), BATCH, out(NONE)).apply(X);
    assertClose(pair.get(1), X.sum());
    Tensor flags = Tensor.of(true, false, true);
    Tensor count = vmap((Tensor b) -> psum(b, "batch"), BATCH, out(NONE)).apply(flags);
    assertThat(count.type()).isEqualTo(TensorType.of(DType.I64));
    assertEqual(count, 2);
    Tensor any = vmap((Tensor b) -> pmax(b, "batch"), BATCH, out(NONE)).apply(flags);
    assertThat(any.dtype()).isEqualTo(DType.BOOL);
    Tensor mean =
        vmap((Tensor i) -> pmean(i, "batch"), BATCH, out(NONE)).apply(Tensor.of(new int[] {1, 2}));
    assertThat(mean.dtype()).isEqualTo(DType.F64);
    assertEqual(mean, 1.5);
  }

  @Test
  void emptyAndSingleBatches() {
    Tensor none = Tensor.zeros(DType.F64, 0, 3);
    assertEqual(vmap((Tensor x) -> psum(x, "batch"), BATCH, out(NONE)).apply(none), 0, 0, 0);
    assertThat(vmap((Tensor x) -> allGather(x, "batch"), BATCH).apply(none).shape().extents())
        .containsExactly(0, 0, 3);
    Tensor one = random(2, 1, 3);
    assertClose(vmap((Tensor x) -> psum(x, "batch"), BATCH).apply(one), one);
  }

  @Test
  void nestedNames() {
    Tensor x = random(3, 2, 4, 3);
    Fn<Tensor, Tensor> f =
        e ->
            psum(e, "rows")
                .mul(e)
                .add(pmax(e, "columns"))
                .add(allGather(e, "rows").sum(0))
                .add(psumScatter(allGather(e.sin(), "columns"), "columns"))
                .add(axisIndex("rows").add(axisIndex("columns").mul(10)));
    Tensor got = vmap(vmap(f, in(0).named("columns")), in(0).named("rows")).apply(x);
    Tensor sums = x.sum(0).expandDims(0);
    Tensor rows = Tensor.arange(2).reshape(2, 1, 1);
    Tensor columns = Tensor.arange(4).reshape(1, 4, 1);
    Tensor expected =
        sums.mul(x)
            .add(x.max(1).expandDims(1))
            .add(sums)
            .add(x.sin().mul(4))
            .add(rows.add(columns.mul(10)));
    assertClose(got, expected);
    Tensor swapped =
        vmap(vmap(f, in(0).named("rows")), in(0).named("columns")).apply(x.swapAxes(0, 1));
    assertClose(swapped.swapAxes(0, 1), expected);
  }

  @Test
  void theInnermostOfOneName() {
    Tensor x = random(3, 2, 4);
    Tensor got =
        vmap(vmap((Tensor e) -> psum(e, "n"), in(0).named("n"), out(NONE)), in(0).named("n"))
            .apply(x);
    assertClose(got, x.sum(1));
    Tensor outer =
        vmap((Tensor row) -> vmap((Tensor e) -> psum(row.mul(e), "m")).apply(row), in(0).named("m"))
            .apply(x);
    Tensor products = x.expandDims(1).mul(x.expandDims(2)).sum(0);
    assertClose(outer, products.broadcastTo(2, 4, 4));
  }

  @Test
  void derivativesOfTheWholeBatch() {
    Tensor weights = random(5, 4, 3);
    FUNCTIONS.forEach((type, f) -> {
      Fn<Tensor, Tensor> whole = x -> vmap(f, BATCH).apply(x).mul(weights);
      Tensor expected = differences(whole, X);
      assertClose(jacfwd(whole).apply(X), expected, 1e-7);
      assertClose(jacrev(whole).apply(X), expected, 1e-7);
      Fn<Tensor, Tensor> loss = x -> whole.apply(x).sum();
      assertClose(hessian(loss).apply(X), differences(grad(loss), X), 1e-6);
    });
  }

  /** The gradient inside is that of the sum of all results with respect to the example. */
  @Test
  void derivativesInside() {
    FUNCTIONS.forEach((type, f) -> {
      Fn<Tensor, Tensor> loss = x -> f.apply(x).sum();
      Tensor inside = vmap(grad(loss), BATCH).apply(X);
      Tensor expected = differences(x -> vmap(loss, BATCH).apply(x).sum(), X);
      assertClose(inside, expected, 1e-7);
      assertClose(jit(vmap(jit(grad(loss)), BATCH)).apply(X), inside);
    });
    Tensor square = vmap(grad((Tensor x) -> psum(x.square().sum(), "batch")), BATCH).apply(X);
    assertClose(square, X.mul(8));
  }

  @Test
  void tiesShareTheTangent() {
    Tensor tied = vector(1, 3, 3);
    Tensor gradient =
        grad((Tensor x) -> vmap((Tensor e) -> pmax(e, "batch"), BATCH, out(NONE)).apply(x))
            .apply(tied);
    assertEqual(gradient, 0, 0.5, 0.5);
  }

  @Test
  void insideControlFlow() {
    Tensor expected = vmap((Tensor x) -> psum(x, "batch").add(x), BATCH).apply(X);
    Fn<Tensor, Tensor> once = x -> psum(x, "batch").add(x);
    assertClose(vmap(checkpoint(once), BATCH).apply(X), expected);
    Fn<Tensor, Tensor> chosen =
        x -> Control.cond(Tensor.of(true).reshape(), once, (Tensor y) -> y, x);
    assertClose(vmap(chosen, BATCH).apply(X), expected);
    Fn<Tensor, Tensor> looped =
        x -> Control.foriLoop(2, (i, c) -> pmean(c, "batch").add(c.sin()), x);
    Fn<Tensor, Tensor> unrolled =
        x -> {
          Tensor first = pmean(x, "batch").add(x.sin());
          return pmean(first, "batch").add(first.sin());
        };
    assertClose(vmap(looped, BATCH).apply(X), vmap(unrolled, BATCH).apply(X));
    assertClose(
        vmap(grad((Tensor x) -> looped.apply(x).sum()), BATCH).apply(X),
        vmap(grad((Tensor x) -> unrolled.apply(x).sum()), BATCH).apply(X));
    Fn<Tensor, Tensor> indexed =
        x -> Control.foriLoop(3, (i, c) -> c.add(axisIndex("batch")), Tensor.zeros(DType.F64));
    assertEqual(vmap(indexed, BATCH).apply(X), 0, 3, 6, 9);
    Fn<Tensor, Tensor> until =
        x ->
            Control.whileLoop(c -> psum(c.sum(), "batch").less(100.0), c -> c.mul(2.0), x.square());
    Tensor doubled = vmap(until, BATCH).apply(X);
    assertThat(doubled.sum().item()).isBetween(100.0, 200.0);
    Fn<Tensor, Tensor> custom =
        Derivatives.customJvp(x -> psum(x, "batch"), (x, dx) -> psum(dx.mul(3), "batch"));
    assertEqual(
        grad((Tensor x) -> vmap(custom, BATCH, out(NONE)).apply(x)).apply(vector(1, 2)), 3, 3);
  }

  @Test
  void jitOutsideAndInside() {
    Fn<Tensor, Tensor> share = x -> x.div(psum(x, "batch"));
    Tensor expected = X.div(X.sum(0));
    assertClose(jit(vmap(share, BATCH)).apply(X), expected);
    Fn<Tensor, Tensor> compiled = jit(share);
    assertClose(vmap(compiled, BATCH).apply(X), expected);
    Tensor longer = random(7, 6, 3);
    assertClose(vmap(compiled, BATCH).apply(longer), longer.div(longer.sum(0)));
  }

  @Test
  void aNameThatNoVmapGives() {
    assertThatThrownBy(() -> psum(X, "batch"))
        .isInstanceOf(AxisException.class)
        .hasMessageContaining(
            "psum: a vmap around it must name the axis \"batch\", no axis has a name here; name"
                + " it: vmap(f, in(0).named(\"batch\"))")
        .hasMessageContaining("CollectivesTest.java");
    assertThatThrownBy(() -> vmap((Tensor x) -> pmean(x, "batches"), BATCH).apply(X))
        .isInstanceOf(AxisException.class)
        .hasMessageContaining("pmean: a vmap around it must name the axis \"batches\"")
        .hasMessageContaining("the names here are [batch]");
    assertThatThrownBy(() -> vmap((Tensor x) -> axisIndex("batch")).apply(X))
        .hasMessageContaining("axisIndex: a vmap around it must name");
    assertThatThrownBy(() -> Trace.bind(new Collective.Psum("batch", 4), X))
        .isInstanceOf(AxisException.class)
        .hasMessageContaining("psum: no vmap around it names its axis \"batch\"");
  }

  @Test
  void operandsThatDoNotFit() {
    assertThatThrownBy(() -> vmap((Tensor x) -> psumScatter(x, "batch"), BATCH).apply(X))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("psum_scatter: axis 0 must have an element for each of the 4");
    Tensor flags = Tensor.zeros(DType.BOOL, 4, 4);
    assertThatThrownBy(() -> vmap((Tensor x) -> psumScatter(x, "batch"), BATCH).apply(flags))
        .isInstanceOf(DTypeException.class);
  }

  @Test
  void everyCollectiveIsTested() {
    assertThat(FUNCTIONS.keySet())
        .containsExactlyInAnyOrderElementsOf(Set.of(Collective.class.getPermittedSubclasses()));
    System.out.printf(
        "collectives: %d primitives, %d functions%n",
        Collective.class.getPermittedSubclasses().length, FUNCTIONS.size());
  }
}
