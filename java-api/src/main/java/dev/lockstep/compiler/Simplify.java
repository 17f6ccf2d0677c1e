package dev.lockstep.compiler;

import dev.lockstep.compiler.Arithmetic.Computation;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic.Mul;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Placed;
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
  private final ContractionAlgebra contraction;

  private Simplify(Program program) {
    rewriter = new Rewriter(program);
    arithmetic = new Arithmetic(rewriter);
    contraction = new ContractionAlgebra(rewriter);
  }

  static Program apply(Program program) {
    Simplify pass = new Simplify(program);
    program.equations().forEach(pass::visit);
    return pass.rewriter.finish();
  }

  /** Rewrites an equation as long as something applies: each rule leaves less to do. */
  private void visit(Equation equation) {
    List<Variable> inputs = rewriter.inputs(equation);
    Primitive primitive = equation.primitive();
    while (true) {
      TensorType result = equation.outputs().getFirst().type();
      Variable same = inputs.isEmpty() ? null : sameAs(primitive, inputs, result);
      if (same != null) {
        rewriter.replace(equation.outputs().getFirst(), same);
        return;
      }
      Computation simpler = inputs.isEmpty() ? null : simpler(primitive, equation, inputs);
      if (simpler == null) {
        break;
      }
      primitive = simpler.primitive();
      inputs = simpler.inputs();
    }
    if (primitive == equation.primitive()) {
      rewriter.keep(equation, inputs);
    } else {
      rewriter.compute(equation, primitive, inputs);
    }
  }

  private Computation simpler(Primitive primitive, Equation equation, List<Variable> inputs) {
    return switch (primitive) {
      case Structural op -> merge(op, equation, inputs);
      case Elementwise op -> elementwise(op, equation, inputs);
      case Reduction op -> reduction(op, equation, inputs.getFirst());
      case DotGeneral op -> contraction.of(op, equation, inputs.get(0), inputs.get(1));
      default -> null;
    };
  }

  /** Returns the operand that the result equals, or null. */
  private Variable sameAs(Primitive primitive, List<Variable> inputs, TensorType result) {
    Variable x = inputs.getFirst();
    return switch (primitive) {
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

  static boolean isIdentity(List<Integer> permutation) {
    for (int i = 0; i < permutation.size(); i++) {
      if (permutation.get(i) != i) {
        return false;
      }
    }
    return true;
  }

  private Computation elementwise(Elementwise op, Equation equation, List<Variable> inputs) {
    Full folded = folded(op, inputs, equation.outputs().getFirst().type());
    if (folded != null) {
      return new Computation(folded);
    }
    Full reciprocal = arithmetic.reciprocal(op, inputs);
    if (reciprocal != null) {
      Variable factor = rewriter.define(equation, reciprocal, List.of());
      return new Computation(new Mul(), inputs.getFirst(), factor);
    }
    Computation cheaper = arithmetic.cheaper(op, inputs);
    return cheaper != null ? cheaper : beforeBroadcast(op, equation, inputs);
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
  private Computation beforeBroadcast(Elementwise op, Equation equation, List<Variable> inputs) {
    BroadcastInDim common = null;
    Shape small = null;
    for (Variable input : inputs) {
      Primitive primitive = rewriter.primitiveOf(input);
      if (primitive instanceof Full) {
        continue;
      }
      if (!(primitive instanceof BroadcastInDim broadcast)) {
        return null;
      }
      Shape shape = rewriter.operandsOf(input).getFirst().type().shape();
      if (common != null && (!common.equals(broadcast) || !small.equals(shape))) {
        return null;
      }
      common = broadcast;
      small = shape;
    }
    if (common == null || small.size() == 1 || small.size() >= common.shape().size()) {
      return null;
    }
    List<Variable> operands = new ArrayList<>();
    for (Variable input : inputs) {
      operands.add(
          rewriter.primitiveOf(input) instanceof Full full
              ? rewriter.define(
                  equation, new Full(full.type().with(small), full.value()), List.of())
              : rewriter.operandsOf(input).getFirst());
    }
    return new Computation(common, rewriter.define(equation, op, operands));
  }

  private Computation reduction(Reduction op, Equation equation, Variable x) {
    TensorType result = equation.outputs().getFirst().type();
    boolean single = op.axes().stream().allMatch(axis -> x.type().shape().extent(axis) == 1);
    if (single && x.type().dtype() == result.dtype()) {
      return new Computation(new Reshape(result.shape()), x);
    }
    return switch (rewriter.primitiveOf(x)) {
      case BroadcastInDim broadcast ->
          ofBroadcast(op, equation, broadcast, rewriter.operandsOf(x).getFirst());
      case Transpose transpose ->
          ofTranspose(op, equation, transpose, rewriter.operandsOf(x).getFirst());
      case null, default -> null;
    };
  }

  /** Reduces what is transposed, so that it fuses with what computes it, and transposes less. */
  private Computation ofTranspose(
      Reduction op, Equation equation, Transpose transpose, Variable operand) {
    List<Integer> reduced = op.axes().stream().map(transpose.permutation()::get).sorted().toList();
    List<Integer> kept = new ArrayList<>();
    for (int axis = 0; axis < transpose.permutation().size(); axis++) {
      if (!op.axes().contains(axis)) {
        kept.add(transpose.permutation().get(axis));
      }
    }
    Reduction inner =
        switch (op) {
          case Reduction.Sum _ -> new Reduction.Sum(reduced);
          case Reduction.Prod _ -> new Reduction.Prod(reduced);
          case Reduction.Max _ -> new Reduction.Max(reduced);
          case Reduction.Min _ -> new Reduction.Min(reduced);
        };
    List<Integer> ascending = kept.stream().sorted().toList();
    return new Computation(
        new Transpose(kept.stream().map(ascending::indexOf).toList()),
        rewriter.define(equation, inner, List.of(operand)));
  }

  /** Reduces repetitions: a sum is a product, a maximum is the value itself. */
  private Computation ofBroadcast(
      Reduction op, Equation equation, BroadcastInDim broadcast, Variable repeated) {
    long repetitions = 1;
    for (int axis : op.axes()) {
      repetitions *= broadcast.axes().contains(axis) ? 0 : broadcast.shape().extent(axis);
    }
    boolean sum = op instanceof Reduction.Sum && repeated.type().dtype() != DType.BOOL;
    boolean extreme = op instanceof Reduction.Max || op instanceof Reduction.Min;
    if (repetitions == 0 || !(sum || extreme)) {
      return null;
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
    return new Computation(new BroadcastInDim(shape, axes), value);
  }

  /** Joins a structural op with the op that computes its operand; null if they do not join. */
  private Computation merge(Structural op, Equation equation, List<Variable> inputs) {
    if (inputs.size() != 1) {
      return null;
    }
    Variable x = inputs.getFirst();
    Primitive inner = rewriter.primitiveOf(x);
    TensorType result = equation.outputs().getFirst().type();
    boolean addsZeros = op instanceof Structural.Pad || op instanceof Placed.Embed;
    if (inner instanceof Full full && (!addsZeros || full.value().doubleValue() == 0)) {
      return new Computation(new Full(result, full.value()));
    }
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
                  result.shape(),
                  first.axes().stream().map(axis -> outer.permutation().indexOf(axis)).toList());
          case Structural.Slice outer when inner instanceof Structural.Slice first ->
              slice(first, outer);
          default -> null;
        };
    return joined == null ? null : new Computation(joined, rewriter.operandsOf(x));
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
