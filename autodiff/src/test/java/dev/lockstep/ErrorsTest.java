package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.axis;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.linearize;
import static dev.lockstep.Lockstep.out;
import static dev.lockstep.Lockstep.valueAndGrad;
import static dev.lockstep.Lockstep.vjp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ClosedTensorException;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TracerException;
import dev.lockstep.error.TreeException;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The texts of errors: the transform, what was expected, the values, one fix, the user's line. */
class ErrorsTest extends EveryBackend {
  record Layer(Tensor w, Tensor b) {}

  private static final Tensor INTEGERS = Tensor.of(1, 2);

  private Tensor leaked;

  private static Tensor zeros(long... extents) {
    return Tensor.zeros(DType.F32, extents);
  }

  private static void assertError(
      Class<? extends Exception> type, ThrowingCallable call, String text) {
    assertThatThrownBy(call)
        .isExactlyInstanceOf(type)
        .message()
        .satisfies(message -> {
          String plain = message.replaceAll("\\(ErrorsTest.java:\\d+\\)", "(line)");
          assertThat(plain).isEqualTo(text);
        });
  }

  @Test
  void batchSizesThatDiffer() {
    assertError(
        ShapeException.class,
        () -> vmap(Tensor::matmul).apply(zeros(64, 100), zeros(16, 100)),
        "vmap: mapped axes must have one size, got argument 0: f32[B=64, 100], argument 1:"
            + " f32[B=16, 100]; what is the same for all examples is not mapped: vmap(f, in(NONE,"
            + " 0)). Called at (line)");
    assertError(
        ShapeException.class,
        () -> vmap((Tensor a, Tensor b) -> a.add(b)).apply(zeros(3, 8), zeros(8)),
        "vmap: mapped axes must have one size, got argument 0: f32[B=3, 8], argument 1: f32[B=8];"
            + " map the axis of size 8: vmap(f, in(1, 0)). Called at (line)");
    assertError(
        ShapeException.class,
        () -> vmap((Layer l, Tensor x) -> x).apply(new Layer(zeros(4), zeros(5)), zeros(5)),
        "vmap: mapped axes must have one size, got argument 0, component w: f32[B=4], argument 0,"
            + " component b: f32[B=5], argument 1: f32[B=5]; what is the same for all examples is"
            + " not mapped: vmap(f, in(List.of(NONE, 0), 0)). Called at (line)");
    assertError(
        ShapeException.class,
        () -> vmap((Tensor x) -> x, in(-1).size(3)).apply(zeros(2, 4)),
        "vmap: mapped axes must have the size 3 that in(-1).size(3) says, got argument 0: f32[2,"
            + " B=4]. Called at (line)");
  }

  @Test
  void theFixThatIsToldWorks() {
    Layer layer = new Layer(zeros(4), zeros(5));
    vmap((Layer l, Tensor x) -> x, in(List.of(NONE, 0), 0)).apply(layer, zeros(5));
    vmap((Tensor a, Tensor b) -> a.add(b), in(1, 0)).apply(zeros(3, 8), zeros(8));
  }

  @Test
  void inAxes() {
    assertError(
        AxisException.class,
        () -> vmap(Tensor::matmul, in(0)),
        "vmap: in must have one entry an argument, the function takes 2, got in(0). Called at"
            + " (line)");
    assertError(
        AxisException.class,
        () -> vmap(Tensor::matmul, in(0, 2)).apply(zeros(2, 3), zeros(2, 3)),
        "vmap: axis 2 is out of range for argument 1: f32[2, 3] of rank 2; use -2 to 1, or NONE."
            + " Called at (line)");
    assertError(
        AxisException.class,
        () -> vmap((Layer l) -> l.w(), in(axis("b", -2))).apply(new Layer(zeros(2), zeros(2))),
        "vmap: axis -2 is out of range for argument 0, component b: f32[2] of rank 1; use -1 to 0,"
            + " or NONE. Called at (line)");
    assertError(
        AxisException.class,
        () -> vmap(Tensor::sin).apply(scalar(1)),
        "vmap: axis 0 is out of range for argument 0: f64[] of rank 0; a scalar cannot be mapped,"
            + " use NONE. Called at (line)");
    assertError(
        AxisException.class,
        () -> vmap(Tensor::sin, in(NONE)).apply(scalar(1)),
        "vmap: at least one argument must be mapped to know the number of examples, got in(NONE);"
            + " map one, or say how many: in(NONE).size(8). Called at (line)");
    assertError(
        AxisException.class,
        () -> in(0, null),
        "vmap: in has an entry that is null; for an argument that is not mapped use NONE. Called"
            + " at (line)");
  }

  @Test
  void entriesThatDoNotFitTheTree() {
    Layer layer = new Layer(zeros(2), zeros(2));
    String start =
        "vmap: an entry of in must have the form of its part of the tree: argument 0 is ";
    assertError(
        AxisException.class,
        () -> vmap((Layer l) -> l.w(), in(axis("v", 0))).apply(layer),
        start + "Layer(w=*, b=*), its entry axis(\"v\", 0) names [v]. Called at (line)");
    assertError(
        AxisException.class,
        () -> vmap((Layer l) -> l.w(), in(List.of(0))).apply(layer),
        start + "Layer(w=*, b=*), its entry [0] has length 1. Called at (line)");
    assertError(
        AxisException.class,
        () -> vmap(Tensor::sin, in(List.of(0))).apply(zeros(2)),
        start + "a tensor, its entry [0] has length 1. Called at (line)");
    assertError(
        AxisException.class,
        () -> vmap((Layer l) -> l.w(), in(Map.of("b", "x"))).apply(layer),
        "vmap: an entry of in must be an int, NONE, axis(name, entry), or a list, map or record of"
            + " entries, got x for argument 0, component b. Called at (line)");
  }

  @Test
  void outAxes() {
    assertError(
        AxisException.class,
        () -> vmap(Tensor::sin, in(0), out(2)).apply(zeros(3, 2)),
        "vmap: out axis 2 is out of range for a batch of 3 of f32[2] from (line), which has rank"
            + " 2; use -2 to 1. Called at (line)");
    assertError(
        AxisException.class,
        () -> vmap((Tensor x) -> new Layer(x, x), in(0), out(axis("b", -3))).apply(zeros(3, 2)),
        "vmap: out axis -3 is out of range for a batch of 3 of f32[2] in component b from (line),"
            + " which has rank 2; use -2 to 1. Called at (line)");
    assertError(
        AxisException.class,
        () -> vmap(Tensor::sin, in(0), out(NONE)).apply(zeros(3)),
        "vmap: a result with out axis NONE must be the same for all examples, f32[] from (line)"
            + " differs; use an axis: out(0). Called at (line)");
  }

  @Test
  void opsInsideOfVmapTellTheBatch() {
    assertError(
        ShapeException.class,
        () -> vmap((Tensor x) -> x.matmul(zeros(7)), in(1)).apply(zeros(3, 16)),
        "matmul: inner dimensions differ: f32[3] and f32[7] (3 against 7). At (line), inside vmap"
            + " over argument 0: f32[3, B=16]. Called at (line)");
    assertThatThrownBy(() -> vmap(vmap((Tensor x) -> x.sum(2))).apply(zeros(2, 3)))
        .isInstanceOf(AxisException.class)
        .hasMessageStartingWith("sum: axis 2 is out of range")
        .hasMessageContaining("inside vmap over argument 0: f32[B=3]. Called at (ErrorsTest.java")
        .hasMessageContaining("inside vmap over argument 0: f32[B=2, 3]. Called at");
  }

  @Test
  void resultsThatAreNoTensors() {
    assertError(
        TreeException.class,
        () -> grad((Tensor x) -> null).apply(scalar(1)),
        "grad: the function must return tensors, it returned null. Called at (line)");
    assertError(
        TreeException.class,
        () -> vmap((Tensor x) -> 3).apply(vector(1)),
        "vmap: the function must return tensors, it returned 3 of class java.lang.Integer. Called"
            + " at (line)");
    assertThatThrownBy(() -> jit((Tensor x) -> new Object()).apply(scalar(1)))
        .isInstanceOf(TreeException.class)
        .hasMessageStartingWith("jit: the result: a java.lang.Object is no tree.");
  }

  @Test
  void gradientsOfWhatIsNoScalar() {
    assertError(
        ShapeException.class,
        () -> grad((Tensor x) -> x.mul(2)).apply(vector(1, 2)),
        "grad: the function must return a scalar, it returned f64[2] from (line); use jacrev or"
            + " jacfwd. Called at (line)");
    assertError(
        ShapeException.class,
        () -> valueAndGrad((Tensor x) -> x).apply(vector(1, 2)),
        "valueAndGrad: the function must return a scalar, it returned f64[2] from (line); use"
            + " jacrev or jacfwd. Called at (line)");
  }

  @Test
  void integersHaveNoDerivatives() {
    String text =
        ": arguments must be floating to have derivatives, argument 0 is i32[2]; cast it, or let"
            + " the function capture it. Called at (line)";
    assertError(DTypeException.class, () -> grad(Tensor::neg).apply(INTEGERS), "grad" + text);
    assertError(DTypeException.class, () -> jacrev(Tensor::neg).apply(INTEGERS), "jacrev" + text);
    assertError(DTypeException.class, () -> jacfwd(Tensor::neg).apply(INTEGERS), "jacfwd" + text);
    assertError(DTypeException.class, () -> hessian(Tensor::neg).apply(INTEGERS), "hessian" + text);
    assertError(DTypeException.class, () -> vjp(Tensor::neg, INTEGERS), "vjp" + text);
    assertError(DTypeException.class, () -> jvp(Tensor::neg, INTEGERS, INTEGERS), "jvp" + text);
    assertError(DTypeException.class, () -> linearize(Tensor::neg, INTEGERS), "linearize" + text);
    assertError(
        DTypeException.class,
        () -> grad((Layer l) -> l.w().sum()).apply(new Layer(vector(1), INTEGERS)),
        "grad: arguments must be floating to have derivatives, argument 0, component b is i32[2];"
            + " cast it, or let the function capture it. Called at (line)");
    assertError(
        DTypeException.class,
        () -> grad((Tensor x) -> x.sum().cast(DType.I32)).apply(vector(1)),
        "grad: the function must return floating numbers to have derivatives, it returned i32[]"
            + " from (line); cast it. Called at (line)");
    assertError(
        DTypeException.class,
        () -> vjp((Tensor x) -> List.of(x, x.greater(0)), vector(1)),
        "vjp: the function must return floating numbers to have derivatives, it returned bool[1] in"
            + " [1] from (line); cast it. Called at (line)");
  }

  @Test
  void nothingToDifferentiate() {
    assertError(
        TreeException.class,
        () -> grad((List<Tensor> x) -> scalar(1)).apply(List.of()),
        "grad: argument 0 has no tensors to differentiate with respect to. Called at (line)");
  }

  @Test
  void jacobiansAreOfOneTensor() {
    assertError(
        TreeException.class,
        () -> untypedJacrev(x -> List.of(x, x)),
        "jacrev: the function must return one tensor, it returned [*, *]. Called at (line)");
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // as a caller without generics would
  private static void untypedJacrev(Fn f) {
    jacrev((Fn<Tensor, Tensor>) f).apply(vector(1));
  }

  @Test
  void tangentsAndCotangents() {
    assertError(
        ShapeException.class,
        () -> jvp(Tensor::sin, vector(1, 2), scalar(1)),
        "jvp: the tangent of argument 0 must be f64[2] like the primal, got f64[]. Called at"
            + " (line)");
    assertError(
        DTypeException.class,
        () -> jvp(Tensor::sin, vector(1, 2), Tensor.of(1f, 2f)),
        "jvp: the tangent of argument 0 must be f64[2] like the primal, got f32[2]. Called at"
            + " (line)");
    assertError(
        TreeException.class,
        () -> jvp((List<Tensor> x) -> x, List.of(vector(1)), List.of()),
        "jvp: the tangent must be a tree like the primal, ([*]), got ([]). Called at (line)");
    assertError(
        ShapeException.class,
        () -> linearize(Tensor::sin, vector(1, 2)).linear().apply(vector(1)),
        "linearize: the tangent of argument 0 must be f64[2] like the primal, got f64[1]. Called"
            + " at (line)");
    assertError(
        ShapeException.class,
        () -> vjp(Tensor::sin, vector(1, 2)).pullback().apply(scalar(1)),
        "vjp: the cotangent must be f64[2] like the primal, got f64[]. Called at (line)");
    assertError(
        ShapeException.class,
        () ->
            vjp((Tensor x) -> new Layer(x, x), vector(1))
                .pullback()
                .apply(new Layer(vector(1), vector(1, 2))),
        "vjp: the cotangent of component b must be f64[1] like the primal, got f64[2]. Called at"
            + " (line)");
  }

  @Test
  void tracersThatEscape() {
    grad(
            (Tensor x) -> {
              leaked = x.sin();
              return leaked;
            })
        .apply(scalar(1));
    String text =
        ": a tracer f64[] of grad escaped from its function; it was created at (line), and grad was"
            + " called at (line). Return the value from the function, do not store it in a field or"
            + " hand it to another thread.";
    assertError(TracerException.class, () -> leaked.add(1), "add" + text);
    assertError(TracerException.class, () -> leaked.item(), "item" + text);
    assertError(TracerException.class, () -> jit(Tensor::sin).apply(leaked), "jit" + text);
    assertError(TracerException.class, () -> grad(Tensor::sin).apply(leaked), "grad" + text);
    assertError(
        TracerException.class,
        () -> grad((Tensor y) -> y.mul(leaked)).apply(scalar(1)),
        "mul" + text);
  }

  @Test
  void tracersInOtherThreads() {
    Throwable[] thrown = new Throwable[1];
    grad(
            (Tensor x) -> {
              run(() -> thrown[0] = caught(() -> x.add(1)));
              return x;
            })
        .apply(scalar(1));
    assertError(
        TracerException.class,
        () -> {
          throw thrown[0];
        },
        "add: a tracer f64[] of grad escaped from its function; it was created at (line), and grad"
            + " was called at (line). Return the value from the function, do not store it in a"
            + " field or hand it to another thread.");
  }

  private static void run(Runnable body) {
    try {
      Thread.ofVirtual().start(body).join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Throwable caught(Runnable body) {
    try {
      body.run();
      return null;
    } catch (RuntimeException e) {
      return e;
    }
  }

  @Test
  void closedTensors() {
    Tensor closed = random(0, 3);
    closed.close();
    assertThatThrownBy(() -> grad((Tensor x) -> x.sum()).apply(closed))
        .isInstanceOf(ClosedTensorException.class)
        .hasMessageStartingWith("grad: the tensor f64[3] is closed.");
    assertThatThrownBy(() -> jit((Tensor x) -> x.sum()).apply(closed))
        .isInstanceOf(ClosedTensorException.class)
        .hasMessageContaining("the tensor f64[3] is closed.");
    assertThatThrownBy(() -> vmap((Tensor x) -> x.mul(closed)).apply(random(1, 2)))
        .isInstanceOf(ClosedTensorException.class)
        .hasMessageContaining("the tensor f64[3] is closed.");
  }

  @Test
  void whatTheFunctionThrowsComesThrough() {
    IllegalStateException own = new IllegalStateException("own");
    assertThatThrownBy(() ->
            vmap(grad((Tensor x) -> {
              throw own;
            }))
                .apply(vector(1)))
        .isSameAs(own);
  }
}
