package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What all transforms do with programs. */
final class Programs {
  private Programs() {}

  /** Returns the types of the variables. */
  static List<TensorType> types(List<Variable> variables) {
    List<TensorType> types = new ArrayList<>(variables.size());
    for (Variable variable : variables) {
      types.add(variable.type());
    }
    return types;
  }

  /**
   * Returns what {@code body} does with tensors of these types, without what its results do not
   * need.
   */
  static Program write(
      String transform, List<TensorType> types, Function<List<Tensor>, List<Tensor>> body) {
    Traced traced = Trace.trace(transform, types, null, body);
    if (!traced.captured().isEmpty()) {
      throw new IllegalStateException(
          transform
              + ": a rule used a value from outside of its operands, "
              + traced.captured()
              + "; constants of rules are Full");
    }
    return traced.program().live();
  }
}
