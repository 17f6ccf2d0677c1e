package dev.lockstep.autodiff;

import dev.lockstep.ScanOptions;
import dev.lockstep.Step;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Loops that carry a tree. */
public final class Loop {
  private Loop() {}

  /** Repeats the body while the condition holds. */
  @SuppressWarnings("unchecked") // the door's signatures guarantee the type
  public static <C> C whileLoop(Variadic condition, Variadic body, C init) {
    return (C) whileLoop("whileLoop", condition, body, init);
  }

  private static Object whileLoop(String op, Variadic condition, Variadic body, Object init) {
    Call call = Call.of(op, init);
    TracedCall test = call.trace(condition, call.types(), null);
    Choice.requirePredicate(op, test.singleOutput());
    TracedCall step = call.trace(body, call.types(), null);
    SubProgram.requireCarry(
        op,
        call.structure().children().getFirst(),
        call.types(),
        step.output(),
        step.program().outputs());
    List<Tensor> forCondition = test.traced().captured();
    List<Tensor> forBody = step.traced().captured();
    ControlFlow.While loop =
        new ControlFlow.While(
            SubProgram.capturedFirst(test),
            SubProgram.capturedFirst(step),
            forCondition.size(),
            forBody.size());
    List<Tensor> inputs = SubProgram.join(forCondition, forBody, call.leaves());
    return step.rebuild(Trace.bindAll(loop, inputs.toArray(Tensor[]::new)));
  }

  /** Repeats the body while the condition holds, a limited number of times. */
  public static <C> C whileLoop(Variadic condition, Variadic body, C init, long maxSteps) {
    if (maxSteps < 0) {
      throw new LockstepException(
          Call.located("whileLoop: maxSteps must be at least 0, got %d", maxSteps));
    }
    Variadic step =
        x -> {
          Object carry = x[0];
          Tensor goesOn = (Tensor) condition.apply(carry);
          return new Step<>(Choice.cond("whileLoop", goesOn, body, y -> y[0], carry), null);
        };
    return ScanLoop.<C, Object>run("whileLoop", step, init, null, maxSteps, ScanOptions.FORWARD)
        .carry();
  }

  /** Repeats the body for each integer from {@code lower} up to, not including, {@code upper}. */
  public static <C> C foriLoop(long lower, long upper, Variadic body, C init) {
    if ((int) lower != lower || (int) upper != upper) {
      throw new LockstepException(
          Call.located("foriLoop: bounds must fit in i32, got %d and %d", lower, upper));
    }
    Tensor indices = Tensor.arange((int) lower, (int) Math.max(lower, upper)).cast(DType.I32);
    Variadic step = x -> new Step<>(body.apply(x[1], x[0]), null);
    return ScanLoop.<C, Object>run("foriLoop", step, init, indices, -1, ScanOptions.FORWARD)
        .carry();
  }

  /** What a loop with a number of steps that is a value carries. */
  record Counted(Tensor i, Object carry) {}

  /** Repeats the body so many times. */
  @SuppressWarnings("unchecked") // the door's signatures guarantee the type
  public static <C> C foriLoop(Tensor n, Variadic body, C init) {
    TensorType type = n.type();
    if (type.shape().rank() != 0) {
      throw new ShapeException(Call.located("foriLoop: n must be a scalar, got %s", type));
    }
    if (type.dtype() != DType.I32 && type.dtype() != DType.I64) {
      throw new DTypeException(
          Call.located("foriLoop: n must be an integer, got %s; cast it: n.cast(DType.I32)", type));
    }
    Variadic condition = x -> ((Counted) x[0]).i.less(n);
    Variadic step =
        x -> {
          Counted counted = (Counted) x[0];
          return new Counted(counted.i.add(1L), body.apply(counted.i, counted.carry));
        };
    Counted start = new Counted(Tensor.scalar(0), init);
    return (C) ((Counted) whileLoop("foriLoop", condition, step, start)).carry;
  }
}
