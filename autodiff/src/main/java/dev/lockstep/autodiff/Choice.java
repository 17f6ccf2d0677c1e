package dev.lockstep.autodiff;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TreeException;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Runs one of several functions, by a value. */
public final class Choice {
  private Choice() {}

  /** Returns what one of two functions gives. */
  @SuppressWarnings("unchecked") // the door's signatures guarantee the type
  public static <R> R cond(
      Tensor predicate, Variadic ifTrue, Variadic ifFalse, Object... operands) {
    return (R) cond("cond", predicate, ifTrue, ifFalse, operands);
  }

  static Object cond(
      String op, Tensor predicate, Variadic ifTrue, Variadic ifFalse, Object... operands) {
    requirePredicate(op, predicate.type());
    List<String> names = List.of("ifFalse", "ifTrue");
    return choose(op, predicate.cast(DType.I32), List.of(ifFalse, ifTrue), names, operands);
  }

  /** Checks the type of what decides. */
  static void requirePredicate(String op, TensorType type) {
    if (type.shape().rank() != 0) {
      throw new ShapeException(
          Call.located(
              "%s: the predicate must be a scalar, got %s; reduce it with any() or all(), or"
                  + " select element by element with Tensor.where",
              op, type));
    }
    if (type.dtype() != DType.BOOL) {
      throw new DTypeException(
          Call.located(
              "%s: the predicate must be bool[], got %s; compare it: x.notEqual(0)", op, type));
    }
  }

  /** Returns what the function at the index gives. */
  @SuppressWarnings("unchecked") // the door's signatures guarantee the type
  public static <R> R switchCase(Tensor index, List<Variadic> branches, Object... operands) {
    TensorType type = index.type();
    if (branches.isEmpty()) {
      throw new LockstepException(Call.located("switchCase: it needs at least one branch"));
    }
    if (type.shape().rank() != 0) {
      throw new ShapeException(
          Call.located("switchCase: the index must be a scalar, got %s", type));
    }
    if (type.dtype().isFloating()) {
      throw new DTypeException(
          Call.located(
              "switchCase: the index must be an integer, got %s; cast it: index.cast(DType.I32)",
              type));
    }
    Tensor clamped = type.dtype() == DType.I64 ? index.clip(0, branches.size() - 1) : index;
    List<String> names = new ArrayList<>();
    for (int i = 0; i < branches.size(); i++) {
      names.add("branch " + i);
    }
    return (R) choose("switchCase", clamped.cast(DType.I32), branches, names, operands);
  }

  private static Object choose(
      String op, Tensor index, List<Variadic> branches, List<String> names, Object... operands) {
    Call call = Call.of(op, operands);
    List<TracedCall> traced =
        branches.stream().map(branch -> call.trace(branch, call.types(), null)).toList();
    for (int i = 1; i < traced.size(); i++) {
      requireSame(op, names.get(i), traced.get(i), names.getFirst(), traced.getFirst());
    }
    List<Tensor> captured = SubProgram.captured(traced);
    List<Program> programs =
        traced.stream().map(one -> SubProgram.withCaptured(one.traced(), captured)).toList();
    List<Tensor> inputs = SubProgram.join(List.of(index), call.leaves(), captured);
    return traced
        .getFirst()
        .rebuild(Trace.bindAll(new ControlFlow.Switch(programs), inputs.toArray(Tensor[]::new)));
  }

  private static void requireSame(
      String op, String name, TracedCall branch, String firstName, TracedCall first) {
    if (!branch.output().equals(first.output())) {
      throw new TreeException(
          Call.located(
              "%s: all branches must return one structure, %s returned %s, %s returned %s",
              op, firstName, first.output(), name, branch.output()));
    }
    List<TensorType> types = Programs.types(first.program().outputs());
    for (int i = 0; i < types.size(); i++) {
      TensorType got = branch.program().outputs().get(i).type();
      if (!got.equals(types.get(i))) {
        throw SubProgram.mismatch(
            types.get(i),
            got,
            "%s: all branches must return the same types, %s returned %s, %s returned %s"
                .formatted(op, firstName, first.describe(i), name, branch.describe(i)),
            "cast one: x.cast(DType.%s)".formatted(types.get(i).dtype().name()),
            "broadcast the smaller one: x.broadcastTo(…)");
      }
    }
  }
}
