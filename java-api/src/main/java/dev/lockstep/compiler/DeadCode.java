package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import java.util.ArrayList;
import java.util.List;

/** Drops equations whose results nothing uses. */
final class DeadCode {
  private DeadCode() {}

  static Program apply(Program program) {
    boolean[] used = new boolean[program.variables()];
    for (Variable output : program.outputs()) {
      used[output.id()] = true;
    }
    List<Equation> kept = new ArrayList<>(program.equations().size());
    for (Equation equation : program.equations().reversed()) {
      boolean needed = false;
      for (Variable output : equation.outputs()) {
        needed |= used[output.id()];
      }
      if (needed) {
        kept.add(equation);
        for (Variable input : equation.inputs()) {
          used[input.id()] = true;
        }
      }
    }
    if (kept.size() == program.equations().size()) {
      return program;
    }
    return new Program(
        program.inputs(), kept.reversed(), program.outputs(), program.variables());
  }
}
