package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes equal equations once: the same primitive, with equal parameters, of the same operands.
 */
final class CommonSubexpressions {
  private CommonSubexpressions() {}

  private record Computation(Primitive primitive, List<Variable> inputs) {}

  static Program apply(Program program) {
    Rewriter rewriter = new Rewriter(program);
    Map<Computation, Equation> seen = new HashMap<>();
    boolean changed = false;
    for (Equation equation : program.equations()) {
      List<Variable> inputs = rewriter.inputs(equation);
      Equation first = seen.putIfAbsent(new Computation(equation.primitive(), inputs), equation);
      if (first == null) {
        rewriter.keep(equation, inputs);
        continue;
      }
      changed = true;
      for (int i = 0; i < equation.outputs().size(); i++) {
        rewriter.replace(equation.outputs().get(i), first.outputs().get(i));
      }
    }
    return changed ? rewriter.finish() : program;
  }
}
