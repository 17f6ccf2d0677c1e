package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.Placed;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.program.primitive.Unary;
import dev.lockstep.program.primitive.UnaryArithmetic;
import dev.lockstep.program.primitive.Where;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Carries what {@link Placed.Embed} puts among zeros through the ops that are linear in it, instead
 * of the zeros: {@code embed(x) · y} becomes {@code embed(x · diagonal(y))}. Zeros are written
 * where an op needs them, or at the end, or never.
 */
final class Embeddings {
  /** Beyond this many terms a dense tensor is cheaper. */
  private static final int MAX_TERMS = 16;

  private final Rewriter rewriter;
  private final Map<Variable, List<Term>> carried = new HashMap<>();

  private Embeddings(Program program) {
    rewriter = new Rewriter(program);
  }

  static Program apply(Program program) {
    boolean any = program.equations().stream().anyMatch(e -> e.primitive() instanceof Placed.Embed);
    if (!any) {
      return program;
    }
    Embeddings pass = new Embeddings(program);
    program.equations().forEach(pass::visit);
    Emitter emitter = new Emitter(pass.rewriter, program.equations().getLast());
    program.outputs().forEach(output -> pass.dense(output, emitter));
    return pass.rewriter.finish();
  }

  private void visit(Equation equation) {
    List<Variable> inputs = rewriter.inputs(equation);
    boolean concerned =
        equation.primitive() instanceof Placed.Embed
            || inputs.stream().anyMatch(carried::containsKey);
    if (!concerned) {
      rewriter.keep(equation, inputs);
      return;
    }
    Emitter emitter = new Emitter(rewriter, equation);
    Variable result = equation.outputs().getFirst();
    List<Term> terms = carry(equation.primitive(), inputs, result.type(), emitter);
    if (terms == null) {
      inputs.forEach(input -> dense(input, emitter));
      rewriter.keep(equation, rewriter.inputs(equation));
      return;
    }
    TermSum sum = new TermSum(emitter);
    List<Term> compact = sum.compact(terms, result.type().shape());
    long size = compact.stream().mapToLong(term -> term.small().size()).sum();
    if (size >= result.type().shape().size() || compact.size() > MAX_TERMS) {
      rewriter.replace(result, sum.dense(compact, result.type()));
    } else {
      carried.put(result, compact);
    }
  }

  /** Returns the variable, or what it is after the zeros have been written. */
  private Variable dense(Variable variable, Emitter emitter) {
    List<Term> terms = carried.remove(variable);
    if (terms == null) {
      return variable;
    }
    Variable dense = new TermSum(emitter).dense(terms, variable.type());
    rewriter.replace(variable, dense);
    return dense;
  }

  /** Returns the equation's result as terms, or null if it has to see zeros. */
  private List<Term> carry(
      Primitive primitive, List<Variable> inputs, TensorType result, Emitter emitter) {
    return switch (primitive) {
      case Placed.Embed embed -> embed(embed, inputs);
      case UnaryArithmetic.Neg _, Unary.StopGradient _, Unary.Named _ ->
          each(terms(inputs.getFirst()), primitive, emitter);
      case Cast _ when isFloating(inputs.getFirst()) && result.dtype().isFloating() ->
          each(terms(inputs.getFirst()), primitive, emitter);
      case BinaryArithmetic.Add _ -> concat(terms(inputs.get(0)), terms(inputs.get(1)));
      case BinaryArithmetic.Sub _ ->
          concat(
              terms(inputs.get(0)), each(terms(inputs.get(1)), new UnaryArithmetic.Neg(), emitter));
      case BinaryArithmetic.Mul _ ->
          carried.containsKey(inputs.get(0))
              ? scale(primitive, inputs.get(0), inputs.get(1), emitter)
              : scale(primitive, inputs.get(1), inputs.get(0), emitter);
      case BinaryArithmetic.Div _ when !carried.containsKey(inputs.get(1)) ->
          scale(primitive, inputs.get(0), inputs.get(1), emitter);
      case Where _ when !carried.containsKey(inputs.getFirst()) -> select(inputs, emitter);
      case Reduction.Sum reduction ->
          sum(terms(inputs.getFirst()), reduction.axes(), inputs.getFirst(), emitter);
      case DotGeneral dot when result.dtype() != DType.BF16 -> contract(dot, inputs, emitter);
      case Structural.Concatenate op -> concatenate(op.axis(), inputs);
      case Structural.Rearrangement op when inputs.size() == 1 ->
          arrange(op, inputs.getFirst(), emitter);
      default -> null;
    };
  }

  private static boolean isFloating(Variable variable) {
    return variable.type().dtype().isFloating();
  }

  /** Returns the variable as terms: one of all places if it is dense, none if it is zero. */
  private List<Term> terms(Variable variable) {
    List<Term> terms = carried.get(variable);
    if (terms != null) {
      return terms;
    }
    boolean zero =
        rewriter.primitiveOf(variable) instanceof Structural.Full full
            && full.value().doubleValue() == 0;
    return zero ? List.of() : List.of(Term.whole(variable));
  }

  private static List<Term> embed(Placed.Embed embed, List<Variable> inputs) {
    return IntStream.range(0, inputs.size())
        .mapToObj(i -> Term.of(inputs.get(i), embed.places().get(i)))
        .toList();
  }

  private static List<Term> concat(List<Term> first, List<Term> second) {
    List<Term> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }

  private static List<Term> each(List<Term> terms, Primitive primitive, Emitter emitter) {
    return terms.stream().map(t -> t.with(emitter.emit(primitive, t.dense()))).toList();
  }

  /** Multiplies, or divides, by a dense factor. */
  private List<Term> scale(
      Primitive primitive, Variable embedded, Variable factor, Emitter emitter) {
    List<Term> terms = terms(embedded);
    Variable other = dense(factor, emitter);
    List<Term> scaled = new ArrayList<>();
    for (Term term : terms) {
      Variable read = emitter.read(other, term.offsets(), term.strides(), term.small());
      if (read == null) {
        return null;
      }
      scaled.add(term.with(emitter.emit(primitive, term.dense(), read)));
    }
    return scaled;
  }

  /** Selects from each term against zero: the terms of either side count only where chosen. */
  private List<Term> select(List<Variable> inputs, Emitter emitter) {
    List<Term> chosen = new ArrayList<>();
    for (int side = 1; side <= 2; side++) {
      for (Term term : terms(inputs.get(side))) {
        Variable condition =
            emitter.read(inputs.getFirst(), term.offsets(), term.strides(), term.small());
        if (condition == null) {
          return null;
        }
        Variable zero = emitter.full(term.dense().type(), 0);
        chosen.add(
            term.with(
                side == 1
                    ? emitter.emit(new Where(), condition, term.dense(), zero)
                    : emitter.emit(new Where(), condition, zero, term.dense())));
      }
    }
    return chosen;
  }

  /** Sums over dense axes that run along no large axis that is left. */
  private static List<Term> sum(
      List<Term> terms, List<Integer> axes, Variable input, Emitter emitter) {
    int[] kept =
        IntStream.range(0, input.type().shape().rank()).filter(a -> !axes.contains(a)).toArray();
    List<Term> sums = new ArrayList<>();
    for (Term term : terms) {
      Term rest = term.rows(kept);
      List<Integer> gone =
          IntStream.range(0, term.columns())
              .filter(
                  column -> IntStream.range(0, kept.length).noneMatch(r -> rest.uses(r, column)))
              .boxed()
              .toList();
      Term summed = gone.isEmpty() ? rest : without(rest, gone, emitter);
      if (!summed.places().isInjective(summed.small())) {
        return null;
      }
      sums.add(summed);
    }
    return sums;
  }

  private static Term without(Term term, List<Integer> gone, Emitter emitter) {
    long[][] strides = new long[term.rows()][];
    for (int row = 0; row < strides.length; row++) {
      long[] from = term.strides()[row];
      strides[row] =
          IntStream.range(0, term.columns())
              .filter(column -> !gone.contains(column))
              .mapToLong(column -> from[column])
              .toArray();
    }
    Variable dense = emitter.emit(new Reduction.Sum(gone), term.dense());
    return new Term(dense, term.offsets(), strides);
  }

  private List<Term> contract(DotGeneral dot, List<Variable> inputs, Emitter emitter) {
    boolean left = carried.containsKey(inputs.get(0));
    List<Term> terms = terms(inputs.get(left ? 0 : 1));
    Variable other = dense(inputs.get(left ? 1 : 0), emitter);
    List<Term> products = new ArrayList<>();
    for (Term term : terms) {
      Term product = new TermContraction(emitter, dot, term, other, left).product();
      if (product == null) {
        return null;
      }
      products.add(product);
    }
    return products;
  }

  private List<Term> concatenate(int axis, List<Variable> inputs) {
    List<Term> parts = new ArrayList<>();
    long start = 0;
    for (Variable input : inputs) {
      for (Term term : terms(input)) {
        parts.add(TermArrangement.shifted(term, axis, start));
      }
      start += input.type().shape().extent(axis);
    }
    return parts;
  }

  private List<Term> arrange(Structural.Rearrangement op, Variable input, Emitter emitter) {
    Shape from = input.type().shape();
    TermArrangement arrangement = new TermArrangement(emitter);
    List<Term> arranged = new ArrayList<>();
    for (Term term : terms(input)) {
      List<Term> one = arrangement.apply(op, term, from);
      if (one == null) {
        return null;
      }
      arranged.addAll(one);
    }
    return arranged;
  }
}
