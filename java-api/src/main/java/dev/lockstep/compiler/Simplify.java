package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic.Mul;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Reshape;
import dev.lockstep.program.primitive.Structural.Transpose;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Algebra that keeps every bit of the results, but for the sign of a zero and the rounding of sums:
 * identities of arithmetic with the constants that rules write, arithmetic of constants, chains of
 * structural ops, and ops on broadcasts done before these.
 */
final class Simplify {
  private final Rewriter rewriter;
  private final Arithmetic arithmetic;

  private Simplify(Program program) {
    rewriter = new Rewriter(program);
    arithmetic = new Arithmetic(rewriter);
  }

  static Program apply(Program program) {
    Simplify pass = new Simplify(program);
    program.equations().forEach(pass::visit);
    return pass.rewriter.finish();
  }

  private void visit(Equation equation) {
    List<Variable> inputs = rewriter.inputs(equation);
    Variable same = inputs.isEmpty() ? null : sameAs(equation, inputs);
    if (same != null) {
      rewriter.replace(equation.outputs().getFirst(), same);
      return;
    }
    boolean rewritten =
        !inputs.isEmpty()
            && switch (equation.primitive()) {
              case Structural op -> merge(op, equation, inputs);
              case Elementwise op -> elementwise(op, equation, inputs);
              case Reduction op -> reduction(op, equation, inputs.getFirst());
              default -> false;
            };
    if (!rewritten) {
      rewriter.keep(equation, inputs);
    }
  }

  /** Returns the operand that the result equals, or null. */
  private Variable sameAs(Equation equation, List<Variable> inputs) {
    Variable x = inputs.getFirst();
    TensorType result = equation.outputs().getFirst().type();
    return switch (equation.primitive()) {
      case Elementwise op -> arithmetic.sameAs(op, inputs, result);
      case Transpose transpose -> isIdentity(transpose.permutation()) ? x : null;
      case BroadcastInDim broadcast ->
          x.type().equals(result) && isIdentity(broadcast.axes()) ? x : null;
      case Reshape _, Structural.Slice _, Structural.Pad _ -> x.type().equals(result) ? x : null;
      case Structural.Concatenate _ -> inputs.size() == 1 ? x : null;
      case Reduction reduction -> reduction.axes().isEmpty() ? x : null;
      default -> null;
    };
  }

  private static boolean isIdentity(List<Integer> permutation) {
    for (int i = 0; i < permutation.size(); i++) {
      if (permutation.get(i) != i) {
        return false;
      }
    }
    return true;
  }

  private boolean elementwise(Elementwise op, Equation equation, List<Variable> inputs) {
    Full folded = folded(op, inputs, equation.outputs().getFirst().type());
    if (folded != null) {
      rewriter.compute(equation, folded, List.of());
      return true;
    }
    Full reciprocal = arithmetic.reciprocal(op, inputs);
    if (reciprocal != null) {
      Variable factor = rewriter.define(equation, reciprocal, List.of());
      rewriter.compute(equation, new Mul(), List.of(inputs.getFirst(), factor));
      return true;
    }
    Arithmetic.Computation cheaper = arithmetic.cheaper(op, inputs);
    if (cheaper != null) {
      rewriter.compute(equation, cheaper.primitive(), cheaper.inputs());
      return true;
    }
    return beforeBroadcast(op, equation, inputs);
  }

  private Full folded(Elementwise op, List<Variable> inputs, TensorType result) {
    List<Full> constants = new ArrayList<>(inputs.size());
    for (Variable input : inputs) {
      if (!(rewriter.primitiveOf(input) instanceof Full full)) {
        return null;
      }
      constants.add(full);
    }
    return FoldConstants.fold(op, constants, result);
  }

  /**
   * Computes an op on operands that are all repeated alike once instead of once a repetition. Loops
   * do that for single values anyway.
   */
  private boolean beforeBroadcast(Elementwise op, Equation equation, List<Variable> inputs) {
    BroadcastInDim common = null;
    Shape small = null;
    for (Variable input : inputs) {
      Primitive primitive = rewriter.primitiveOf(input);
      if (primitive instanceof Full) {
        continue;
      }
      if (!(primitive instanceof BroadcastInDim broadcast)) {
        return false;
      }
      Shape shape = rewriter.operandsOf(input).getFirst().type().shape();
      if (common != null && (!common.equals(broadcast) || !small.equals(shape))) {
        return false;
      }
      common = broadcast;
      small = shape;
    }
    if (common == null || small.size() == 1 || small.size() >= common.shape().size()) {
      return false;
    }
    List<Variable> operands = new ArrayList<>();
    for (Variable input : inputs) {
      operands.add(
          rewriter.primitiveOf(input) instanceof Full full
              ? rewriter.define(
                  equation, new Full(full.type().with(small), full.value()), List.of())
              : rewriter.operandsOf(input).getFirst());
    }
    rewriter.compute(equation, common, List.of(rewriter.define(equation, op, operands)));
    return true;
  }

  private boolean reduction(Reduction op, Equation equation, Variable x) {
    TensorType result = equation.outputs().getFirst().type();
    boolean single = op.axes().stream().allMatch(axis -> x.type().shape().extent(axis) == 1);
    if (single && x.type().dtype() == result.dtype()) {
      rewriter.compute(equation, new Reshape(result.shape()), List.of(x));
      return true;
    }
    return rewriter.primitiveOf(x) instanceof BroadcastInDim broadcast
        && ofBroadcast(op, equation, broadcast, rewriter.operandsOf(x).getFirst());
  }

  /** Reduces repetitions: a sum is a product, a maximum is the value itself. */
  private boolean ofBroadcast(
      Reduction op, Equation equation, BroadcastInDim broadcast, Variable repeated) {
    long repetitions = 1;
    for (int axis : op.axes()) {
      repetitions *= broadcast.axes().contains(axis) ? 0 : broadcast.shape().extent(axis);
    }
    boolean sum = op instanceof Reduction.Sum && repeated.type().dtype() != DType.BOOL;
    boolean extreme = op instanceof Reduction.Max || op instanceof Reduction.Min;
    if (repetitions == 0 || !(sum || extreme)) {
      return false;
    }
    Variable value = repeated;
    if (sum) {
      Full count = new Full(repeated.type(), repetitions);
      Variable factor = rewriter.define(equation, count, List.of());
      value = rewriter.define(equation, new Mul(), List.of(repeated, factor));
    }
    List<Integer> axes = new ArrayList<>();
    for (int axis : broadcast.axes()) {
      axes.add(axis - (int) op.axes().stream().filter(reduced -> reduced < axis).count());
    }
    Shape shape = equation.outputs().getFirst().type().shape();
    rewriter.compute(equation, new BroadcastInDim(shape, axes), List.of(value));
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
          case Structural.Slice outer when inner instanceof Structural.Slice first ->
              slice(first, outer);
          default -> null;
        };
    if (joined != null) {
      rewriter.compute(equation, joined, rewriter.operandsOf(x));
      return true;
    }
    if (inner instanceof Full full
        && (!(op instanceof Structural.Pad) || full.value().doubleValue() == 0)) {
      TensorType type = equation.outputs().getFirst().type();
      rewriter.compute(equation, new Full(type, full.value()), List.of());
      return true;
    }
    return false;
  }

  private static Structural.Slice slice(Structural.Slice first, Structural.Slice then) {
    List<Long> start = new ArrayList<>();
    List<Long> limit = new ArrayList<>();
    List<Long> stride = new ArrayList<>();
    for (int axis = 0; axis < first.start().size(); axis++) {
      long step = first.stride().get(axis);
      long begin = first.start().get(axis);
      long end = Math.min(first.limit().get(axis), begin + then.limit().get(axis) * step);
      start.add(Math.min(end, begin + then.start().get(axis) * step));
      limit.add(end);
      stride.add(step * then.stride().get(axis));
    }
    return new Structural.Slice(start, limit, stride);
  }
}
