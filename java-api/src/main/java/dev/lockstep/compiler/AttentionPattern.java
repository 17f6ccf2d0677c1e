package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic.Add;
import dev.lockstep.program.primitive.BinaryArithmetic.Div;
import dev.lockstep.program.primitive.BinaryArithmetic.Mul;
import dev.lockstep.program.primitive.BinaryArithmetic.Sub;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.Exponential.Exp;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Reshape;
import dev.lockstep.program.primitive.Unary;
import dev.lockstep.program.primitive.Where;
import dev.lockstep.tensor.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The equations from the product of queries and keys to the product with the values, of which
 * nothing in between is used elsewhere:
 *
 * <pre>
 * s = dot(q, k);  s = s * scale or s / scale;  s = s + mask or where(mask, s, constant)
 * e = exp(s - max(s));  p = e / sum(e);  y = dot(p, v)
 * </pre>
 *
 * <p>Conversions between f32 and bf16 may stand anywhere in between.
 */
final class AttentionPattern {
  private final Definitions definitions;
  private final Set<Equation> equations = new HashSet<>();
  private final List<Variable> between = new ArrayList<>();
  private final List<Equation> factors = new ArrayList<>();
  private Equation masked;
  private Variable scoresBeforeMask;
  private Equation scores;
  private Equation values;
  private boolean probabilitiesLeft;

  /** The axis of the scores that runs over the keys. */
  private int keyAxis;

  private AttentionPattern(Definitions definitions) {
    this.definitions = definitions;
  }

  /** Returns the pattern that ends with this product, or null. */
  static AttentionPattern match(Definitions definitions, Equation product) {
    for (boolean left : new boolean[] {true, false}) {
      AttentionPattern pattern = new AttentionPattern(definitions);
      if (pattern.matches(product, left)) {
        return pattern;
      }
    }
    return null;
  }

  private boolean matches(Equation product, boolean left) {
    values = product;
    probabilitiesLeft = left;
    equations.add(product);
    Variable softmaxed = matchSoftmax(product.inputs().get(left ? 0 : 1));
    if (softmaxed == null || !matchScores(softmaxed) || !axesFit()) {
      return false;
    }
    return between.stream().allMatch(variable -> definitions.isPrivate(variable, equations));
  }

  /** Returns what the softmax is taken of, or null. */
  private Variable matchSoftmax(Variable probabilities) {
    Equation quotient = step(probabilities, Div.class);
    Equation exponential = quotient == null ? null : step(quotient.inputs().get(0), Exp.class);
    if (exponential == null) {
      return null;
    }
    Equation sum = reduced(quotient.inputs().get(1), Reduction.Sum.class);
    Equation difference = step(exponential.inputs().getFirst(), Sub.class);
    if (sum == null
        || difference == null
        || unrounded(sum.inputs().getFirst()) != exponential.outputs().getFirst()) {
      return null;
    }
    Equation largest = reduced(difference.inputs().get(1), Reduction.Max.class);
    Variable scored = unrounded(difference.inputs().get(0));
    boolean fits =
        largest != null
            && unrounded(largest.inputs().getFirst()) == scored
            && ((Reduction) largest.primitive()).axes().equals(((Reduction) sum.primitive()).axes())
            && ((Reduction) sum.primitive()).axes().size() == 1;
    if (!fits) {
      return null;
    }
    keyAxis = ((Reduction) sum.primitive()).axes().getFirst();
    return scored;
  }

  /**
   * Returns the equation of a variable of the pattern, before conversions of it, if it is of this
   * kind, else null.
   */
  private Equation step(Variable variable, Class<? extends Primitive> kind) {
    Variable x = unrounded(variable);
    Equation equation = definitions.of(x);
    if (equation == null || !kind.isInstance(equation.primitive())) {
      return null;
    }
    equations.add(equation);
    between.add(x);
    return equation;
  }

  /** Returns what a variable of the pattern is before conversions, which join the pattern. */
  private Variable unrounded(Variable variable) {
    Variable x = variable;
    while (definitions.isRounding(x)) {
      equations.add(definitions.of(x));
      between.add(x);
      x = definitions.operandsOf(x).getFirst();
    }
    return x;
  }

  /** Returns the reduction over one axis that the variable repeats along that axis, or null. */
  private Equation reduced(Variable repeated, Class<? extends Reduction> kind) {
    Equation broadcast = step(repeated, BroadcastInDim.class);
    if (broadcast == null) {
      return null;
    }
    List<Integer> axes = ((BroadcastInDim) broadcast.primitive()).axes();
    Variable x = unrounded(broadcast.inputs().getFirst());
    List<Long> kept = extents(x);
    while (definitions.primitiveOf(x) instanceof Reshape
        || definitions.primitiveOf(x) instanceof Unary.StopGradient) {
      x = unrounded(step(x, definitions.primitiveOf(x).getClass()).inputs().getFirst());
    }
    Equation reduction = step(x, kind);
    if (reduction == null || ((Reduction) reduction.primitive()).axes().size() != 1) {
      return null;
    }
    int axis = ((Reduction) reduction.primitive()).axes().getFirst();
    int rank = repeated.type().shape().rank();
    List<Integer> all = range(0, rank);
    List<Long> dropped = extents(reduction.outputs().getFirst());
    if (kept.size() == rank - 1) {
      all.remove(axis);
    } else {
      dropped.add(axis, 1L);
    }
    return axes.equals(all) && kept.equals(dropped) ? reduction : null;
  }

  private static List<Long> extents(Variable variable) {
    List<Long> extents = new ArrayList<>();
    for (long extent : variable.type().shape().extents()) {
      extents.add(extent);
    }
    return extents;
  }

  private static List<Integer> range(int from, int to) {
    List<Integer> range = new ArrayList<>();
    for (int i = from; i < to; i++) {
      range.add(i);
    }
    return range;
  }

  private boolean matchScores(Variable scored) {
    Variable x = scored;
    Equation first = definitions.of(x);
    if (first != null && first.primitive() instanceof Where) {
      masked = step(x, Where.class);
      x = masked.inputs().get(1);
    } else if (first != null && first.primitive() instanceof Add) {
      masked = step(x, Add.class);
      x = isProduct(masked.inputs().get(0)) ? masked.inputs().get(0) : masked.inputs().get(1);
    }
    scoresBeforeMask = x;
    x = unrounded(x);
    while (factorOf(definitions.of(x)) != null) {
      Equation factor = step(x, definitions.primitiveOf(x).getClass());
      factors.addFirst(factor);
      x = unrounded(factor.inputs().get(factor.inputs().get(0) == factorOf(factor) ? 1 : 0));
    }
    scores = step(x, DotGeneral.class);
    return scores != null && scored.type().dtype().isFloating();
  }

  /** Returns whether the variable is a product of matrices, perhaps scaled. */
  private boolean isProduct(Variable variable) {
    Variable x = definitions.unrounded(variable);
    while (factorOf(definitions.of(x)) != null) {
      Equation factor = definitions.of(x);
      Variable other = factor.inputs().get(factor.inputs().get(0) == factorOf(factor) ? 1 : 0);
      x = definitions.unrounded(other);
    }
    return definitions.primitiveOf(x) instanceof DotGeneral;
  }

  /** Returns the operand of a product or quotient that is one number everywhere, or null. */
  Variable factorOf(Equation equation) {
    if (equation == null
        || !(equation.primitive() instanceof Mul || equation.primitive() instanceof Div)) {
      return null;
    }
    if (isScalar(equation.inputs().get(1))) {
      return equation.inputs().get(1);
    }
    boolean commutes = equation.primitive() instanceof Mul;
    return commutes && isScalar(equation.inputs().get(0)) ? equation.inputs().get(0) : null;
  }

  private boolean isScalar(Variable variable) {
    Variable value = definitions.repeated(variable);
    return definitions.primitiveOf(value) instanceof Full || value.type().shape().rank() == 0;
  }

  boolean divides(Equation factor) {
    return factor.primitive() instanceof Div;
  }

  private DotGeneral scoresDot() {
    return (DotGeneral) scores.primitive();
  }

  private DotGeneral valuesDot() {
    return (DotGeneral) values.primitive();
  }

  private int batch() {
    return scoresDot().leftBatch().size();
  }

  /** Whether the keys are the left operand of the scores' product. */
  private boolean keysLeft() {
    return keyAxis == batch();
  }

  private boolean axesFit() {
    int rank = scores.outputs().getFirst().type().shape().rank();
    boolean matrices =
        rank == batch() + 2
            && keyAxis >= batch()
            && isMatrix(scores.inputs().get(0), batch(), scoresDot().leftContract())
            && isMatrix(scores.inputs().get(1), batch(), scoresDot().rightContract())
            && isMatrix(v(), batch(), valueContract());
    if (!matrices || !probabilityContract().equals(List.of(keyAxis))) {
      return false;
    }
    return probabilityBatch().stream().sorted().toList().equals(range(0, batch()));
  }

  private static boolean isMatrix(Variable x, int batch, List<Integer> contract) {
    return contract.size() == 1 && x.type().shape().rank() == batch + 2;
  }

  private List<Integer> probabilityContract() {
    return probabilitiesLeft ? valuesDot().leftContract() : valuesDot().rightContract();
  }

  private List<Integer> probabilityBatch() {
    return probabilitiesLeft ? valuesDot().leftBatch() : valuesDot().rightBatch();
  }

  private List<Integer> valueContract() {
    return probabilitiesLeft ? valuesDot().rightContract() : valuesDot().leftContract();
  }

  private List<Integer> valueBatch() {
    return probabilitiesLeft ? valuesDot().rightBatch() : valuesDot().leftBatch();
  }

  long queries() {
    return scores.outputs().getFirst().type().shape().extent(batch() + (keysLeft() ? 1 : 0));
  }

  Variable q() {
    return scores.inputs().get(keysLeft() ? 1 : 0);
  }

  Variable k() {
    return scores.inputs().get(keysLeft() ? 0 : 1);
  }

  Variable v() {
    return values.inputs().get(probabilitiesLeft ? 1 : 0);
  }

  /** Returns what multiplies or divides the scores, in order. */
  List<Equation> factors() {
    return factors;
  }

  /** Returns the equation that masks the scores, or null. */
  Equation masked() {
    return masked;
  }

  /** Returns the other term of a mask that is added, in bf16 if it was converted from that. */
  Variable added() {
    Variable term = masked.inputs().get(masked.inputs().get(0) == scoresBeforeMask ? 1 : 0);
    return definitions.isRounding(term) && term.type().dtype() == DType.F32
        ? definitions.operandsOf(term).getFirst()
        : term;
  }

  /** Returns the axes of q in the order (batch, queries, d). */
  List<Integer> qAxes() {
    return rowsAndContracted(!keysLeft());
  }

  /** Returns the axes of k in the order (batch, keys, d). */
  List<Integer> kAxes() {
    return rowsAndContracted(keysLeft());
  }

  private List<Integer> rowsAndContracted(boolean left) {
    List<Integer> axes = new ArrayList<>(left ? scoresDot().leftBatch() : scoresDot().rightBatch());
    int contracted = (left ? scoresDot().leftContract() : scoresDot().rightContract()).getFirst();
    axes.add(rest(axes, contracted));
    axes.add(contracted);
    return axes;
  }

  /** Returns the one axis that is neither among these nor the contracted one. */
  private static int rest(List<Integer> axes, int contracted) {
    int rank = axes.size() + 2;
    int sum = rank * (rank - 1) / 2;
    return sum - contracted - axes.stream().mapToInt(Integer::intValue).sum();
  }

  /** Returns the axes of v in the order (batch, keys, e), the batch as the scores have it. */
  List<Integer> vAxes() {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < batch(); i++) {
      axes.add(valueBatch().get(probabilityBatch().indexOf(i)));
    }
    int contracted = valueContract().getFirst();
    int free = rest(axes, contracted);
    axes.add(contracted);
    axes.add(free);
    return axes;
  }

  /** Returns the axes of the scores in the order (batch, queries, keys). */
  List<Integer> scoreAxes() {
    List<Integer> axes = range(0, batch());
    axes.add(keysLeft() ? batch() + 1 : batch());
    axes.add(keyAxis);
    return axes;
  }

  /** Returns the axes of attention's result (batch, queries, e) in the order of the product's. */
  List<Integer> resultAxes() {
    List<Integer> axes = new ArrayList<>(probabilityBatch());
    axes.add(probabilitiesLeft ? batch() : batch() + 1);
    axes.add(probabilitiesLeft ? batch() + 1 : batch());
    return axes;
  }
}
