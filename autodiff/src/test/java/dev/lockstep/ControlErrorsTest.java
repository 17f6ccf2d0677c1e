package dev.lockstep;

import static dev.lockstep.Control.associativeScan;
import static dev.lockstep.Control.cond;
import static dev.lockstep.Control.foriLoop;
import static dev.lockstep.Control.map;
import static dev.lockstep.Control.scan;
import static dev.lockstep.Control.switchCase;
import static dev.lockstep.Control.whileLoop;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TracerException;
import dev.lockstep.error.TreeException;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The texts of errors of choices and loops. */
class ControlErrorsTest {
  record Layer(Tensor w, Tensor b) {}

  private static void assertError(
      Class<? extends Exception> type, ThrowingCallable call, String text) {
    assertThatThrownBy(call)
        .isExactlyInstanceOf(type)
        .message()
        .satisfies(message ->
            org.assertj.core.api.Assertions.assertThat(
                    message.replaceAll("\\(ControlErrorsTest.java:\\d+\\)", "(line)"))
                .isEqualTo(text));
  }

  @Test
  void predicates() {
    assertError(
        ShapeException.class,
        () -> cond(vector(1, 2).greater(0), x -> x, x -> x, scalar(1)),
        "cond: the predicate must be a scalar, got bool[2]; reduce it with any() or all(), or"
            + " select element by element with Tensor.where. Called at (line)");
    assertError(
        DTypeException.class,
        () -> cond(scalar(1), x -> x, x -> x, scalar(1)),
        "cond: the predicate must be bool[], got f64[]; compare it: x.notEqual(0). Called at"
            + " (line)");
    assertError(
        DTypeException.class,
        () -> whileLoop(x -> x, x -> x, scalar(1)),
        "whileLoop: the predicate must be bool[], got f64[]; compare it: x.notEqual(0). Called at"
            + " (line)");
    assertError(
        DTypeException.class,
        () -> whileLoop(x -> x, x -> x, scalar(1), 3),
        "whileLoop: the predicate must be bool[], got f64[]; compare it: x.notEqual(0). Called at"
            + " (line)");
    assertError(
        DTypeException.class,
        () -> switchCase(scalar(1), List.of((Tensor x) -> x), scalar(1)),
        "switchCase: the index must be an integer, got f64[]; cast it: index.cast(DType.I32)."
            + " Called at (line)");
    assertError(
        ShapeException.class,
        () -> switchCase(Tensor.of(1, 2), List.of((Tensor x) -> x), scalar(1)),
        "switchCase: the index must be a scalar, got i32[2]. Called at (line)");
    assertError(
        LockstepException.class,
        () -> switchCase(Tensor.scalar(1), List.of(), scalar(1)),
        "switchCase: it needs at least one branch. Called at (line)");
  }

  @Test
  void branchesThatDiffer() {
    Tensor p = Tensor.scalar(true);
    assertError(
        DTypeException.class,
        () -> cond(p, x -> x.cast(DType.F32), x -> x.add(1.0), scalar(1)),
        "cond: all branches must return the same types, ifFalse returned f64[] from (line), ifTrue"
            + " returned f32[] from (line); cast one: x.cast(DType.F64). Called at (line)");
    assertError(
        ShapeException.class,
        () -> cond(p, x -> x.sum(), x -> x.add(1.0), vector(1, 2)),
        "cond: all branches must return the same types, ifFalse returned f64[2] from (line), ifTrue"
            + " returned f64[] from (line); broadcast the smaller one: x.broadcastTo(…). Called at"
            + " (line)");
    assertError(
        TreeException.class,
        () -> cond(p, x -> List.of(x), x -> List.of(x, x), scalar(1)),
        "cond: all branches must return one structure, ifFalse returned [*, *], ifTrue returned"
            + " [*]. Called at (line)");
    assertError(
        ShapeException.class,
        () -> switchCase(Tensor.scalar(0), List.of(x -> x, x -> x, x -> x.sum()), vector(1)),
        "switchCase: all branches must return the same types, branch 0 returned f64[1] from (line),"
            + " branch 2 returned f64[] from (line); broadcast the smaller one: x.broadcastTo(…)."
            + " Called at (line)");
  }

  @Test
  void carriesThatChange() {
    Layer init = new Layer(Tensor.zeros(DType.F32, 2), Tensor.zeros(DType.F32));
    assertError(
        DTypeException.class,
        () -> foriLoop(3, (i, c) -> new Layer(c.w, c.b.add(scalar(1))), init),
        "foriLoop: the carry's component b is f32[] at first, the body returned f64[]; cast the"
            + " initial one to f64 or what the body returns to f32: x.cast(DType.F32). Called at"
            + " (line)");
    assertError(
        ShapeException.class,
        () -> scan((c, x) -> new Step<>(c.add(x), null), scalar(0), random(0, 3, 2)),
        "scan: the carry is f64[] at first, the body returned f64[2]; a carry keeps its shape;"
            + " stack what grows as ys of scan. Called at (line)");
    assertError(
        TreeException.class,
        () ->
            whileLoop(c -> c.get(0).less(1), c -> List.of(c.get(0)), List.of(scalar(0), scalar(1))),
        "whileLoop: the body must return a carry like the initial one, [*, *], it returned [*]."
            + " Called at (line)");
  }

  @Test
  void xs() {
    assertError(
        ShapeException.class,
        () ->
            scan(
                (c, x) -> new Step<>(c, x),
                scalar(0),
                new Layer(Tensor.zeros(DType.F32, 3), Tensor.zeros(DType.F32, 2))),
        "scan: axis 0 of all xs must have one extent, xs' component w is f32[3], xs' component b is"
            + " f32[2]. Called at (line)");
    assertError(
        ShapeException.class,
        () -> map(x -> x, scalar(0)),
        "map: xs must have an axis 0 to step along, xs is f64[]; let the body close over what is"
            + " the same for all steps. Called at (line)");
    assertError(
        TreeException.class,
        () -> scan((c, x) -> new Step<>(c, x), scalar(0), List.of()),
        "scan: xs has no tensor to step along, got []; without xs say how many steps: scan(body,"
            + " init, 10). Called at (line)");
    assertError(
        LockstepException.class,
        () -> map(x -> x, vector(0), 0),
        "map: batchSize must be at least 1, got 0. Called at (line)");
    assertError(
        AxisException.class,
        () -> associativeScan(Tensor::add, vector(1, 2), 1),
        "associativeScan: axis 1 is not one of f64[2]. Called at (line)");
    assertError(
        ShapeException.class,
        () -> associativeScan((a, b) -> a.sum(), vector(1, 2), 0),
        "associativeScan: the function must keep types, of f64[1] it made f64[]; it must work"
            + " element by element along the axis. Called at (line)");
    assertError(
        LockstepException.class,
        () -> new ScanOptions(false, 0),
        "scan: unroll must be at least 1, got 0");
  }

  @Test
  void reverseModeOfWhile() {
    String text =
        "whileLoop: reverse mode must know how many steps are kept; give the most that there can"
            + " be, whileLoop(condition, body, init, maxSteps), or use foriLoop or scan. The loop"
            + " is at (line)";
    assertError(
        TracerException.class,
        () -> grad((Tensor x) -> whileLoop(c -> c.less(9), c -> c.mul(x), x)).apply(scalar(2)),
        text);
    assertError(
        TracerException.class,
        () ->
            grad((Tensor x) -> foriLoop(Tensor.scalar(3), (i, c) -> c.mul(x), x)).apply(scalar(2)),
        text);
  }

  @Test
  void valuesInBranches() {
    assertError(
        TracerException.class,
        () ->
            jit((Tensor x) -> cond(x.greater(0), v -> v.item() > 1 ? v : v.neg(), v -> v, x))
                .apply(scalar(2)),
        "item: f64[] has no single value under cond (called at (line)): the function is traced once"
            + " for all values; the tensor was created at (line). Choose by value with Tensor.where"
            + " or Control.cond.");
  }
}
