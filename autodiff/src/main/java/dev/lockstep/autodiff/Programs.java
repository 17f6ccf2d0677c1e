package dev.lockstep.autodiff;

import dev.lockstep.program.Variable;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

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
}
