package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import dev.lockstep.tensor.DType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Which equation computes each variable of a program, and which use it. */
final class Definitions {
  private final Equation[] definition;
  private final List<List<Equation>> users = new ArrayList<>();
  private final boolean[] output;

  Definitions(Program program) {
    definition = new Equation[program.variables()];
    output = new boolean[program.variables()];
    for (int i = 0; i < program.variables(); i++) {
      users.add(new ArrayList<>(1));
    }
    for (Equation equation : program.equations()) {
      equation.outputs().forEach(result -> definition[result.id()] = equation);
      equation.inputs().forEach(input -> users.get(input.id()).add(equation));
    }
    program.outputs().forEach(result -> output[result.id()] = true);
  }

  /** Returns the equation that computes the variable, or null for an input. */
  Equation of(Variable variable) {
    return definition[variable.id()];
  }

  /** Returns the primitive that computes the variable, or null for an input. */
  Primitive primitiveOf(Variable variable) {
    return of(variable) == null ? null : of(variable).primitive();
  }

  /** Returns what a variable repeats, before conversions between f32 and bf16. */
  Variable repeated(Variable variable) {
    Variable x = variable;
    while (primitiveOf(x) instanceof BroadcastInDim || isRounding(x)) {
      x = operandsOf(x).getFirst();
    }
    return x;
  }

  /** Returns whether the variable is another in f32 that is in bf16, or the reverse. */
  boolean isRounding(Variable variable) {
    return primitiveOf(variable) instanceof Cast
        && isSingle(variable.type().dtype())
        && isSingle(operandsOf(variable).getFirst().type().dtype());
  }

  private static boolean isSingle(DType dtype) {
    return dtype == DType.F32 || dtype == DType.BF16;
  }

  /** Returns what a variable is before conversions between f32 and bf16. */
  Variable unrounded(Variable variable) {
    Variable x = variable;
    while (isRounding(x)) {
      x = operandsOf(x).getFirst();
    }
    return x;
  }

  /** Returns the operands that the variable is computed from. */
  List<Variable> operandsOf(Variable variable) {
    return of(variable).inputs();
  }

  /** Returns whether only these equations use the variable, and it is no output. */
  boolean isPrivate(Variable variable, Collection<Equation> to) {
    return !output[variable.id()] && to.containsAll(users.get(variable.id()));
  }
}
