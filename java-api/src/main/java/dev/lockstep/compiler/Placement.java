package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Placed;
import dev.lockstep.program.primitive.Structural;
import java.util.List;

/**
 * Chooses where computed values are written. A value that only a transpose, reshape or
 * concatenation uses is written straight to its place in that result, so that these ops copy
 * nothing.
 */
final class Placement {
  private final Uses uses;
  private final View[] chosen;

  Placement(Program program) {
    this.uses = new Uses(program);
    this.chosen = new View[program.variables()];
  }

  /** Returns the place of a value that a step computes. */
  View of(Variable variable) {
    View view = chosen[variable.id()];
    if (view == null) {
      view = choose(variable);
      chosen[variable.id()] = view;
    }
    return view;
  }

  /** Returns the place of a value, or null if nothing uses it. */
  View ofUsed(Variable variable) {
    return uses.isUnused(variable) ? null : of(variable);
  }

  private View choose(Variable variable) {
    int output = uses.outputPosition(variable);
    if (output >= 0) {
      return View.dense(Slot.output(output, variable.type().bytes()), variable.type());
    }
    Equation user = uses.onlyUser(variable);
    View within = user == null ? null : within(variable, user);
    return within != null
        ? within
        : View.dense(Slot.temporary(variable.type().bytes()), variable.type());
  }

  private View within(Variable variable, Equation user) {
    if (!(user.primitive() instanceof Structural structural)) {
      return null;
    }
    Variable result = user.outputs().getFirst();
    return switch (structural) {
      case Structural.Transpose transpose -> of(result).untranspose(transpose.permutation());
      case Structural.Reshape _ -> of(result).reshape(variable.type().shape());
      case Structural.Concatenate concatenate ->
          of(result)
              .part(
                  concatenate.axis(),
                  startOf(variable, user.inputs(), concatenate.axis()),
                  variable.type().shape().extent(concatenate.axis()));
      case Structural.BroadcastInDim _,
          Structural.Slice _,
          Structural.Pad _,
          Structural.Reverse _,
          Structural.Iota _,
          Structural.Full _,
          Placed _ ->
          null;
    };
  }

  private static long startOf(Variable variable, List<Variable> operands, int axis) {
    long start = 0;
    for (Variable operand : operands) {
      if (operand == variable) {
        return start;
      }
      start += operand.type().shape().extent(axis);
    }
    throw new IllegalArgumentException(variable + " is not an operand");
  }
}
