package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Placed;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Reshape;
import dev.lockstep.program.primitive.Structural.Transpose;
import dev.lockstep.program.primitive.Unary;
import dev.lockstep.program.primitive.UnaryArithmetic;
import dev.lockstep.program.primitive.Where;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/**
 * Algebra that keeps every bit of the results, but for the sign of a zero: identities of arithmetic
 * with the constants that rules write, selections by a negated condition, chains of structural ops,
 * structural ops on constants.
 */
final class Simplify {
  private final Rewriter rewriter;

  private Simplify(Program program) {
    rewriter = new Rewriter(program);
  }

  static Program apply(Program program) {
    Simplify pass = new Simplify(program);
    program.equations().forEach(pass::visit);
    return pass.rewriter.finish();
  }

  private void visit(Equation equation) {
    List<Variable> inputs = rewriter.inputs(equation);
    Variable same = sameAs(equation.primitive(), inputs, equation.outputs().getFirst().type());
    if (same != null) {
      rewriter.replace(equation.outputs().getFirst(), same);
      return;
    }
    if (equation.primitive() instanceof Where where
        && rewriter.primitiveOf(inputs.getFirst()) instanceof Unary.Not) {
      Variable condition = rewriter.operandsOf(inputs.getFirst()).getFirst();
      rewriter.compute(equation, where, List.of(condition, inputs.get(2), inputs.get(1)));
      return;
    }
    if (!(equation.primitive() instanceof Structural op && merge(op, equation, inputs))) {
      rewriter.keep(equation, inputs);
    }
  }

  /** Returns the operand that the result equals, or null. */
  private Variable sameAs(Primitive primitive, List<Variable> inputs, TensorType result) {
    if (inputs.isEmpty()) {
      return null;
    }
    Variable x = inputs.getFirst();
    return switch (primitive) {
      case BinaryArithmetic.Add _ ->
          isFull(inputs.get(1), 0) ? x : isFull(x, 0) ? inputs.get(1) : null;
      case BinaryArithmetic.Mul _ ->
          isFull(inputs.get(1), 1) ? x : isFull(x, 1) ? inputs.get(1) : null;
      case BinaryArithmetic.Sub _ -> isFull(inputs.get(1), 0) ? x : null;
      case BinaryArithmetic.Div _ -> isFull(inputs.get(1), 1) ? x : null;
      case UnaryArithmetic.Neg _ ->
          rewriter.primitiveOf(x) instanceof UnaryArithmetic.Neg
              ? rewriter.operandsOf(x).getFirst()
              : null;
      case Cast _ -> x.type().equals(result) ? x : null;
      case Unary.Named _, Unary.StopGradient _ -> x;
      case Transpose transpose -> isIdentity(transpose.permutation()) ? x : null;
      case Reshape _, BroadcastInDim _, Structural.Slice _, Structural.Pad _ ->
          x.type().equals(result) && keepsElements(primitive) ? x : null;
      default -> null;
    };
  }

  private static boolean keepsElements(Primitive primitive) {
    return !(primitive instanceof BroadcastInDim broadcast) || isIdentity(broadcast.axes());
  }

  private boolean isFull(Variable variable, long value) {
    return rewriter.primitiveOf(variable) instanceof Full full
        && full.value().doubleValue() == value;
  }

  private static boolean isIdentity(List<Integer> permutation) {
    for (int i = 0; i < permutation.size(); i++) {
      if (permutation.get(i) != i) {
        return false;
      }
    }
    return true;
  }

  /** Joins a structural op with the op that computes its operand; false if they do not join. */
  private boolean merge(Structural op, Equation equation, List<Variable> inputs) {
    if (inputs.size() != 1) {
      return false;
    }
    Variable x = inputs.getFirst();
    Primitive inner = rewriter.primitiveOf(x);
    Primitive joined =
        switch (op) {
          case Transpose outer when inner instanceof Transpose first ->
              new Transpose(outer.permutation().stream().map(first.permutation()::get).toList());
          case Reshape outer when inner instanceof Reshape -> outer;
          case BroadcastInDim outer when inner instanceof BroadcastInDim first ->
              new BroadcastInDim(
                  outer.shape(), first.axes().stream().map(outer.axes()::get).toList());
          case Transpose outer when inner instanceof BroadcastInDim first ->
              new BroadcastInDim(
                  equation.outputs().getFirst().type().shape(),
                  first.axes().stream().map(axis -> outer.permutation().indexOf(axis)).toList());
          default -> null;
        };
    if (joined != null) {
      rewriter.compute(equation, joined, rewriter.operandsOf(x));
      return true;
    }
    boolean addsZeros = op instanceof Structural.Pad || op instanceof Placed.Embed;
    if (inner instanceof Full full && !addsZeros) {
      TensorType type = equation.outputs().getFirst().type();
      rewriter.compute(equation, new Full(type, full.value()), List.of());
      return true;
    }
    return false;
  }
}
