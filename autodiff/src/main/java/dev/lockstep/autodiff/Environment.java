package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors that stand for a program's variables while a transform goes through its equations.
 */
final class Environment {
  private final Tensor[] tensors;

  Environment(Program program) {
    tensors = new Tensor[program.variables()];
  }

  /** Returns the variable's tensor, or null if it has none. */
  Tensor get(Variable variable) {
    return tensors[variable.id()];
  }

  /** Returns the variables' tensors, null for those that have none. */
  List<Tensor> get(List<Variable> variables) {
    List<Tensor> result = new ArrayList<>(variables.size());
    for (Variable variable : variables) {
      result.add(tensors[variable.id()]);
    }
    return result;
  }

  void set(Variable variable, Tensor tensor) {
    tensors[variable.id()] = tensor;
  }

  void set(List<Variable> variables, List<Tensor> values) {
    for (int i = 0; i < values.size(); i++) {
      tensors[variables.get(i).id()] = values.get(i);
    }
  }

  /** Returns whether all of the variables have tensors. */
  boolean hasAll(List<Variable> variables) {
    for (Variable variable : variables) {
      if (tensors[variable.id()] == null) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether any of the variables has a tensor. */
  boolean hasAny(List<Variable> variables) {
    for (Variable variable : variables) {
      if (tensors[variable.id()] != null) {
        return true;
      }
    }
    return false;
  }
}
