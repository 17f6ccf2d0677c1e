package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.AttentionOp.Attention;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Transpose;
import dev.lockstep.program.primitive.Where;
import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds attention that is written by its parts, {@code softmax(q kᵀ) v} with a scale and a mask,
 * and puts the op in their place. Besides compiling, reverse mode begins with it, so that its
 * gradient too is the one that keeps no scores.
 *
 * <p>The values are those of the parts but for rounding; of bf16 they are nearer to exact ones,
 * since the scores and what follows are f32, also where the parts are rounded. Scores that anything
 * else uses stay as they are. A constant under a mask must be -inf, or so far down that it is not
 * reached by a score: -1e9 or less.
 */
public final class AttentionRecognition {
  private static final double FAR_DOWN = BFloat16.round(-1e9);

  /** With fewer queries there are few scores, and a product by a matrix is best. */
  private static final long FEWEST_QUERIES = 8;

  private final Definitions definitions;
  private final List<Equation> equations = new ArrayList<>();
  private int variables;

  private AttentionRecognition(Program program) {
    this.definitions = new Definitions(program);
    this.variables = program.variables();
  }

  /**
   * Returns whether a scalar can stand for what a mask hides, which is recognised in constants
   * only.
   */
  public static boolean hides(Number value) {
    return value.doubleValue() <= FAR_DOWN;
  }

  /** Returns the program with attention in the place of its parts. */
  public static Program apply(Program program) {
    if (program.equations().stream().filter(e -> e.primitive() instanceof DotGeneral).count() < 2) {
      return program;
    }
    return new AttentionRecognition(program).run(program);
  }

  private Program run(Program program) {
    boolean changed = false;
    for (Equation equation : program.equations()) {
      AttentionPattern found =
          equation.primitive() instanceof DotGeneral
              ? AttentionPattern.match(definitions, equation)
              : null;
      Mask mask = found == null ? null : mask(found);
      if (mask == null || found.queries() < FEWEST_QUERIES) {
        equations.add(equation);
      } else {
        write(found, mask, equation);
        changed = true;
      }
    }
    return changed
        ? new Program(program.inputs(), equations, program.outputs(), variables).live()
        : program;
  }

  /**
   * What is done to the scores.
   *
   * @param operand null if nothing is
   * @param infinite whether it is bool, and -inf stands where it is false
   */
  private record Mask(Variable operand, boolean infinite) {}

  /** Returns the mask, or null if it is none that attention has. */
  private Mask mask(AttentionPattern found) {
    Equation masked = found.masked();
    if (masked == null) {
      return new Mask(null, false);
    }
    if (!(masked.primitive() instanceof Where)) {
      return new Mask(found.added(), false);
    }
    Variable elsewhere = definitions.repeated(masked.inputs().get(2));
    if (!(definitions.primitiveOf(elsewhere) instanceof Full fill)) {
      return null;
    }
    boolean infinite = fill.value().doubleValue() == Double.NEGATIVE_INFINITY;
    return hides(fill.value()) ? new Mask(masked.inputs().get(0), infinite) : null;
  }

  private void write(AttentionPattern found, Mask mask, Equation root) {
    DType dtype = DType.promote(found.q().type().dtype(), found.v().type().dtype());
    if (mask.operand != null && mask.operand.type().dtype().isFloating()) {
      dtype = DType.promote(dtype, mask.operand.type().dtype());
    }
    Variable q = transpose(found.q(), found.qAxes(), root);
    double scale = 1;
    for (Equation factor : found.factors()) {
      Variable scalar = definitions.repeated(found.factorOf(factor));
      if (definitions.primitiveOf(scalar) instanceof Full full) {
        double value = FoldConstants.value(full);
        scale = found.divides(factor) ? scale / value : scale * value;
      } else {
        q = scaled(q, factor.primitive(), scalar, root);
      }
    }
    Variable k = transpose(found.k(), found.kAxes(), root);
    Variable v = transpose(found.v(), found.vAxes(), root);
    List<Variable> operands = new ArrayList<>();
    for (Variable operand : List.of(q, k, v)) {
      operands.add(converted(operand, dtype, root));
    }
    if (mask.operand != null) {
      Variable operand = mask.infinite ? added(mask.operand, dtype, root) : mask.operand;
      boolean floating = operand.type().dtype().isFloating();
      operands.add(
          transpose(floating ? converted(operand, dtype, root) : operand, found.scoreAxes(), root));
    }
    Attention attention = new Attention(scale, false);
    List<TensorType> types = operands.stream().map(Variable::type).toList();
    Variable y = add(attention, operands, attention.infer(types).getFirst(), root);
    Variable transposed = transpose(y, found.resultAxes(), root);
    finish(converted(transposed, root.outputs().getFirst().type().dtype(), root), root);
  }

  /** Makes the result of the last equation the pattern's. */
  private void finish(Variable result, Equation root) {
    Equation last = equations.removeLast();
    if (last.outputs().getFirst() != result) {
      throw new IllegalStateException("not computed last: " + result);
    }
    equations.add(new Equation(last.primitive(), last.inputs(), root.outputs(), root.origin()));
  }

  /** Returns q times or divided by a factor, of bf16 rounded once. */
  private Variable scaled(Variable q, Primitive primitive, Variable scalar, Equation root) {
    DType given = q.type().dtype();
    DType dtype = given == DType.BF16 ? DType.F32 : given;
    Variable wide = converted(q, dtype, root);
    Variable factor = converted(scalar, dtype, root);
    BroadcastInDim broadcast = new BroadcastInDim(q.type().shape(), List.of());
    Variable repeated = add(broadcast, List.of(factor), wide.type(), root);
    return converted(add(primitive, List.of(wide, repeated), wide.type(), root), given, root);
  }

  private Variable converted(Variable x, DType dtype, Equation root) {
    return x.type().dtype() == dtype
        ? x
        : add(new Cast(dtype), List.of(x), x.type().with(dtype), root);
  }

  /** Returns 0 where the mask is true, -inf elsewhere, computed before the mask is repeated. */
  private Variable added(Variable mask, DType dtype, Equation root) {
    boolean repeated = definitions.primitiveOf(mask) instanceof BroadcastInDim;
    Variable source = repeated ? definitions.operandsOf(mask).getFirst() : mask;
    TensorType type = new TensorType(dtype, source.type().shape());
    Variable zero = add(new Full(type, 0.0), List.of(), type, root);
    Variable infinity = add(new Full(type, Double.NEGATIVE_INFINITY), List.of(), type, root);
    Variable terms = add(new Where(), List.of(source, zero, infinity), type, root);
    return repeated
        ? add(
            definitions.primitiveOf(mask),
            List.of(terms),
            new TensorType(dtype, mask.type().shape()),
            root)
        : terms;
  }

  private Variable transpose(Variable x, List<Integer> permutation, Equation root) {
    if (Simplify.isIdentity(permutation)) {
      return x;
    }
    long[] extents = permutation.stream().mapToLong(x.type().shape()::extent).toArray();
    return add(new Transpose(permutation), List.of(x), x.type().with(Shape.of(extents)), root);
  }

  private Variable add(Primitive primitive, List<Variable> inputs, TensorType type, Equation root) {
    Variable result = new Variable(variables++, type);
    equations.add(new Equation(primitive, inputs, List.of(result), root.origin()));
    return result;
  }
}
