package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Structural.Transpose;
import java.util.ArrayList;
import java.util.List;

/**
 * Transposes the operands of elementwise ops instead of their results, where the result goes into
 * elementwise ops again: both then have one shape and become one loop, and the transposes become
 * strides of what it reads.
 */
final class PushTransposes {
  /** More operands than this would be read out of order for one result read out of order. */
  private static final int MOST_OPERANDS = 2;

  private final Rewriter rewriter;
  private final Uses uses;
  private final int given;

  private PushTransposes(Program program) {
    rewriter = new Rewriter(program);
    uses = new Uses(program);
    given = program.variables();
  }

  static Program apply(Program program) {
    if (program.equations().stream().noneMatch(e -> e.primitive() instanceof Transpose)) {
      return program;
    }
    PushTransposes pass = new PushTransposes(program);
    program.equations().forEach(pass::visit);
    return pass.rewriter.finish();
  }

  private void visit(Equation equation) {
    if (equation.primitive() instanceof Transpose transpose && pays(equation)) {
      Variable x = equation.inputs().getFirst();
      rewriter.compute(
          equation, rewriter.primitiveOf(x), transposedOperands(equation, x, transpose));
    } else {
      rewriter.keep(equation, equation.inputs());
    }
  }

  private boolean pays(Equation equation) {
    Variable x = equation.inputs().getFirst();
    Equation user = uses.onlyUser(equation.outputs().getFirst());
    if (user == null || !(user.primitive() instanceof Elementwise) || !isInner(x)) {
      return false;
    }
    List<Variable> operands = new ArrayList<>();
    collectOperands(x, operands);
    return operands.size() <= MOST_OPERANDS;
  }

  /**
   * Returns whether the variable is the result of an elementwise op and used once, as all are that
   * this pass defines.
   */
  private boolean isInner(Variable x) {
    return rewriter.primitiveOf(x) instanceof Elementwise
        && (x.id() >= given || uses.onlyUser(x) != null);
  }

  private void collectOperands(Variable x, List<Variable> operands) {
    for (Variable operand : rewriter.operandsOf(x)) {
      if (isInner(operand)) {
        collectOperands(operand, operands);
      } else if (!operands.contains(operand)) {
        operands.add(operand);
      }
    }
  }

  private List<Variable> transposedOperands(Equation near, Variable x, Transpose transpose) {
    List<Variable> operands = new ArrayList<>();
    for (Variable operand : rewriter.operandsOf(x)) {
      operands.add(
          isInner(operand)
              ? rewriter.define(
                  near, rewriter.primitiveOf(operand), transposedOperands(near, operand, transpose))
              : rewriter.define(near, transpose, List.of(operand)));
    }
    return operands;
  }
}
