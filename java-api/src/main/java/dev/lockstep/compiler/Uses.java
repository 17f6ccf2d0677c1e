package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;

/** How often each variable of a program is used, and by what if it is used once. */
final class Uses {
  private final int[] counts;
  private final int[] outputPosition;
  private final Equation[] lastUser;

  Uses(Program program) {
    counts = new int[program.variables()];
    lastUser = new Equation[program.variables()];
    outputPosition = new int[program.variables()];
    for (Equation equation : program.equations()) {
      for (Variable input : equation.inputs()) {
        counts[input.id()]++;
        lastUser[input.id()] = equation;
      }
    }
    for (int i = program.outputs().size() - 1; i >= 0; i--) {
      outputPosition[program.outputs().get(i).id()] = i + 1;
    }
  }

  /** Returns the first position among the program's outputs, or -1. */
  int outputPosition(Variable variable) {
    return outputPosition[variable.id()] - 1;
  }

  /** Returns whether nothing uses the variable. */
  boolean isUnused(Variable variable) {
    return counts[variable.id()] == 0 && outputPosition[variable.id()] == 0;
  }

  /**
   * Returns the only equation that uses the variable, or null if it is an output or used otherwise.
   */
  Equation onlyUser(Variable variable) {
    boolean once = counts[variable.id()] == 1 && outputPosition[variable.id()] == 0;
    return once ? lastUser[variable.id()] : null;
  }
}
