package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.AttentionOp.AttentionTangent;
import dev.lockstep.program.primitive.Custom;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts programs in the place of the primitives that are names for them: of those with custom
 * derivatives, and of attention's tangent, which has no kernel.
 */
final class InlineCustom {
  private final List<Equation> equations = new ArrayList<>();
  private int variables;

  private InlineCustom(int variables) {
    this.variables = variables;
  }

  static Program apply(Program program) {
    if (program.equations().stream().noneMatch(InlineCustom::isName)) {
      return program;
    }
    InlineCustom pass = new InlineCustom(program.variables());
    Variable[] here = new Variable[program.variables()];
    program.inputs().forEach(input -> here[input.id()] = input);
    pass.inline(program, here);
    return new Program(
        program.inputs(), pass.equations, map(program.outputs(), here), pass.variables);
  }

  private static boolean isName(Equation equation) {
    return equation.primitive() instanceof Custom
        || equation.primitive() instanceof AttentionTangent;
  }

  /** Returns the program that the equation is a name for, or null. */
  private static Program definition(Equation equation) {
    return switch (equation.primitive()) {
      case Custom custom -> custom.program();
      case AttentionTangent tangent ->
          tangent.definition(equation.inputs().stream().map(Variable::type).toList());
      default -> null;
    };
  }

  private void inline(Program program, Variable[] here) {
    for (Equation equation : program.equations()) {
      List<Variable> inputs = map(equation.inputs(), here);
      Program inner = definition(equation);
      if (inner != null) {
        Variable[] there = new Variable[inner.variables()];
        for (int i = 0; i < inputs.size(); i++) {
          there[inner.inputs().get(i).id()] = inputs.get(i);
        }
        inline(inner, there);
        for (int i = 0; i < equation.outputs().size(); i++) {
          here[equation.outputs().get(i).id()] = there[inner.outputs().get(i).id()];
        }
      } else {
        for (Variable output : equation.outputs()) {
          here[output.id()] = new Variable(variables++, output.type());
        }
        equations.add(
            new Equation(
                equation.primitive(), inputs, map(equation.outputs(), here), equation.origin()));
      }
    }
  }

  private static List<Variable> map(List<Variable> variables, Variable[] here) {
    return variables.stream().map(variable -> here[variable.id()]).toList();
  }
}
