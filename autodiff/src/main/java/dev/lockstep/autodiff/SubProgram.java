package dev.lockstep.autodiff;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TreeException;
import dev.lockstep.program.Program;
import dev.lockstep.program.Traced;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** What functions become that an op calls. */
final class SubProgram {
  private SubProgram() {}

  /** Returns the program with what the function captured before its arguments. */
  static Program capturedFirst(TracedCall call) {
    Program program = call.program();
    int arguments = program.inputs().size() - call.traced().captured().size();
    List<Variable> inputs =
        join(
            program.inputs().subList(arguments, program.inputs().size()),
            program.inputs().subList(0, arguments));
    return new Program(inputs, program.equations(), program.outputs(), program.variables());
  }

  /** Returns what any of the functions captured, each tensor once. */
  static List<Tensor> captured(List<TracedCall> calls) {
    Map<Tensor, Boolean> seen = new IdentityHashMap<>();
    List<Tensor> all = new ArrayList<>();
    for (TracedCall call : calls) {
      for (Tensor tensor : call.traced().captured()) {
        if (seen.put(tensor, true) == null) {
          all.add(tensor);
        }
      }
    }
    return all;
  }

  /** Returns the program as one of its arguments and all of {@code captured}. */
  static Program withCaptured(Traced traced, List<Tensor> captured) {
    Program program = traced.program();
    int arguments = program.inputs().size() - traced.captured().size();
    Map<Tensor, Variable> known = new IdentityHashMap<>();
    for (int i = 0; i < traced.captured().size(); i++) {
      known.put(traced.captured().get(i), program.inputs().get(arguments + i));
    }
    List<Variable> inputs = new ArrayList<>(program.inputs().subList(0, arguments));
    int next = program.variables();
    for (Tensor tensor : captured) {
      Variable variable = known.get(tensor);
      inputs.add(variable == null ? new Variable(next++, tensor.type()) : variable);
    }
    return new Program(inputs, program.equations(), program.outputs(), next);
  }

  /**
   * Checks that a loop's body returned what it carries.
   *
   * @param carry the structure of the initial carry
   * @param returned the structure of the carry that the body returned
   */
  static void requireCarry(
      String op,
      Tree.Structure carry,
      List<TensorType> types,
      Tree.Structure returned,
      List<Variable> outputs) {
    if (!returned.equals(carry)) {
      throw new TreeException(
          Call.located(
              "%s: the body must return a carry like the initial one, %s, it returned %s",
              op, carry, returned));
    }
    for (int i = 0; i < types.size(); i++) {
      TensorType got = outputs.get(i).type();
      if (!got.equals(types.get(i))) {
        String path = carry.path(i);
        String what = path.isEmpty() ? "the carry" : "the carry's " + path;
        throw mismatch(
            types.get(i),
            got,
            "%s: %s is %s at first, the body returned %s".formatted(op, what, types.get(i), got),
            "cast the initial one to %s or what the body returns to %s: x.cast(DType.%s)"
                .formatted(got.dtype(), types.get(i).dtype(), types.get(i).dtype().name()),
            "a carry keeps its shape; stack what grows as ys of scan");
      }
    }
  }

  /** Returns the error of two types that must be equal. */
  static RuntimeException mismatch(
      TensorType expected, TensorType got, String text, String dtypeHint, String shapeHint) {
    return expected.dtype() == got.dtype()
        ? new ShapeException(Call.located("%s; %s", text, shapeHint))
        : new DTypeException(Call.located("%s; %s", text, dtypeHint));
  }

  /** Returns the lists as one. */
  @SafeVarargs
  static <T> List<T> join(List<? extends T>... lists) {
    List<T> result = new ArrayList<>();
    for (List<? extends T> list : lists) {
      result.addAll(list);
    }
    return result;
  }
}
