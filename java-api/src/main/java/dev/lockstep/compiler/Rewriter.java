package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A program under rewriting: equations are appended again, with variables replaced by equal ones.
 */
final class Rewriter {
  private final Program program;
  private final List<Equation> equations = new ArrayList<>();
  private final Variable[] replacement;
  private Equation[] definition;
  private int variables;

  Rewriter(Program program) {
    this.program = program;
    this.variables = program.variables();
    this.replacement = new Variable[variables];
    this.definition = new Equation[variables];
  }

  /** Returns the equation's inputs after replacement. */
  List<Variable> inputs(Equation equation) {
    List<Variable> inputs = equation.inputs();
    for (int i = 0; i < inputs.size(); i++) {
      if (current(inputs.get(i)) != inputs.get(i)) {
        return inputs.stream().map(this::current).toList();
      }
    }
    return inputs;
  }

  private Variable current(Variable variable) {
    Variable other = variable.id() < replacement.length ? replacement[variable.id()] : null;
    return other == null ? variable : other;
  }

  /** Makes all later uses of {@code variable} use {@code equal}. */
  void replace(Variable variable, Variable equal) {
    replacement[variable.id()] = equal;
  }

  /** Returns the primitive that computes the variable, or null for an input. */
  Primitive primitiveOf(Variable variable) {
    Equation equation = definition[variable.id()];
    return equation == null ? null : equation.primitive();
  }

  /** Returns the operands that the variable is computed from. */
  List<Variable> operandsOf(Variable variable) {
    return definition[variable.id()].inputs();
  }

  /** Keeps an equation, with its inputs after replacement. */
  void keep(Equation equation, List<Variable> inputs) {
    add(
        inputs == equation.inputs()
            ? equation
            : new Equation(equation.primitive(), inputs, equation.outputs(), equation.origin()));
  }

  /** Puts another computation of the same single result in an equation's place. */
  void compute(Equation original, Primitive primitive, List<Variable> inputs) {
    add(new Equation(primitive, inputs, original.outputs(), original.origin()));
  }

  /** Adds a computation of a new variable. */
  Variable define(Equation near, Primitive primitive, List<Variable> inputs) {
    TensorType type = primitive.infer(inputs.stream().map(Variable::type).toList()).getFirst();
    Variable result = variable(type);
    add(new Equation(primitive, inputs, List.of(result), near.origin()));
    return result;
  }

  /** Returns a new variable, which an equation that is kept later computes. */
  Variable variable(TensorType type) {
    Variable variable = new Variable(variables++, type);
    if (variables > definition.length) {
      definition = Arrays.copyOf(definition, 2 * variables);
    }
    return variable;
  }

  private void add(Equation equation) {
    equations.add(equation);
    for (Variable output : equation.outputs()) {
      definition[output.id()] = equation;
    }
  }

  Program finish() {
    List<Variable> outputs = program.outputs().stream().map(this::current).toList();
    return new Program(program.inputs(), equations, outputs, variables);
  }
}
