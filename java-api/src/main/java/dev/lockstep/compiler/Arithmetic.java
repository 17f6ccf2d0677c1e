package dev.lockstep.compiler;

import dev.lockstep.program.Primitive;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic.Add;
import dev.lockstep.program.primitive.BinaryArithmetic.Div;
import dev.lockstep.program.primitive.BinaryArithmetic.Mul;
import dev.lockstep.program.primitive.BinaryArithmetic.Sub;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Unary;
import dev.lockstep.program.primitive.UnaryArithmetic.Abs;
import dev.lockstep.program.primitive.UnaryArithmetic.Neg;
import dev.lockstep.program.primitive.UnaryArithmetic.Square;
import dev.lockstep.program.primitive.Where;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** The algebra of elementwise ops: what one equals, and what computes the same with less. */
final class Arithmetic {
  private final Rewriter rewriter;

  Arithmetic(Rewriter rewriter) {
    this.rewriter = rewriter;
  }

  /** Another computation of the same values. */
  record Computation(Primitive primitive, List<Variable> inputs) {
    Computation(Primitive primitive, Variable... inputs) {
      this(primitive, List.of(inputs));
    }
  }

  /** Returns the operand that the result equals, or null. */
  Variable sameAs(Primitive primitive, List<Variable> inputs, TensorType result) {
    Variable x = inputs.getFirst();
    Variable y = inputs.size() > 1 ? inputs.get(1) : null;
    return switch (primitive) {
      case Add _ -> isFull(y, 0) ? x : isFull(x, 0) ? y : null;
      case Mul _ -> isFull(y, 1) ? x : isFull(x, 1) ? y : null;
      case Sub _ -> isFull(y, 0) ? x : null;
      case Div _ -> isFull(y, 1) ? x : null;
      case Neg _ -> is(Neg.class, x) ? operand(x) : null;
      case Unary.Not _ -> is(Unary.Not.class, x) ? operand(x) : null;
      case Unary.Named _, Unary.StopGradient _ -> x;
      case Cast _ -> x.type().equals(result) ? x : castBack(x, result);
      case Where _ -> {
        Variable z = inputs.get(2);
        yield y.equals(z) || isFull(x, 1) ? y : isFull(x, 0) ? z : null;
      }
      default -> null;
    };
  }

  /** Returns what was cast and is cast back, if the dtype between holds all of its values. */
  private Variable castBack(Variable x, TensorType result) {
    return isWidening(x) && operand(x).type().equals(result) ? operand(x) : null;
  }

  /** Returns a cheaper computation of the same values, or null. */
  Computation cheaper(Primitive primitive, List<Variable> inputs) {
    Variable x = inputs.getFirst();
    Variable y = inputs.size() > 1 ? inputs.get(1) : null;
    return switch (primitive) {
      case Add _ when is(Neg.class, y) -> new Computation(new Sub(), x, operand(y));
      case Add _ when is(Neg.class, x) -> new Computation(new Sub(), y, operand(x));
      case Sub _ when is(Neg.class, y) -> new Computation(new Add(), x, operand(y));
      case Sub _ when isFull(x, 0) -> new Computation(new Neg(), y);
      case Neg _ when is(Sub.class, x) ->
          new Computation(new Sub(), rewriter.operandsOf(x).reversed());
      case Mul _ when isFull(y, -1) -> new Computation(new Neg(), x);
      case Mul _ when isFull(x, -1) -> new Computation(new Neg(), y);
      case Mul _ when is(Neg.class, x) && is(Neg.class, y) ->
          new Computation(new Mul(), operand(x), operand(y));
      case Square _ when is(Neg.class, x) || is(Abs.class, x) ->
          new Computation(new Square(), operand(x));
      case Abs _ when is(Neg.class, x) -> new Computation(new Abs(), operand(x));
      case Cast cast when isWidening(x) -> new Computation(cast, operand(x));
      case Where _ -> selection(x, y, inputs.get(2));
      default -> null;
    };
  }

  private Computation selection(Variable condition, Variable x, Variable y) {
    if (is(Unary.Not.class, condition)) {
      return new Computation(new Where(), operand(condition), y, x);
    }
    if (is(Where.class, x) && operand(x).equals(condition)) {
      return new Computation(new Where(), condition, rewriter.operandsOf(x).get(1), y);
    }
    if (is(Where.class, y) && operand(y).equals(condition)) {
      return new Computation(new Where(), condition, x, rewriter.operandsOf(y).get(2));
    }
    return null;
  }

  /** Returns 1/divisor if the division by this constant is exactly a multiplication, else null. */
  Full reciprocal(Primitive primitive, List<Variable> inputs) {
    if (!(primitive instanceof Div)
        || !(rewriter.primitiveOf(inputs.get(1)) instanceof Full divisor)
        || !divisor.type().dtype().isFloating()) {
      return null;
    }
    double value = divisor.value().doubleValue();
    int exponent = Math.getExponent(value);
    // Powers of two whose reciprocal is a normal number of either dtype.
    boolean exact = Math.abs(exponent) < Float.MAX_EXPONENT - 1;
    return exact && Math.abs(value) == Math.scalb(1.0, exponent)
        ? new Full(divisor.type(), 1 / value)
        : null;
  }

  /** Returns whether the variable is a cast to a dtype that holds all values of the one before. */
  private boolean isWidening(Variable variable) {
    if (!is(Cast.class, variable)) {
      return false;
    }
    DType from = operand(variable).type().dtype();
    return switch (variable.type().dtype()) {
      case BOOL -> from == DType.BOOL;
      case I32 -> from == DType.BOOL;
      case I64 -> from == DType.BOOL || from == DType.I32;
      case BF16 -> from == DType.BOOL;
      case F32 -> from == DType.BOOL || from == DType.BF16;
      case F64 -> from != DType.I64;
    };
  }

  private boolean is(Class<? extends Primitive> primitive, Variable variable) {
    return primitive.isInstance(rewriter.primitiveOf(variable));
  }

  private Variable operand(Variable variable) {
    return rewriter.operandsOf(variable).getFirst();
  }

  private boolean isFull(Variable variable, long value) {
    return rewriter.primitiveOf(variable) instanceof Full full
        && full.value().doubleValue() == value;
  }
}
