package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic.Add;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.ControlFlow.Scan;
import dev.lockstep.program.primitive.Structural.BroadcastInDim;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Transpose;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Moves work out of one scan. What every step computes alike from its x alone is one matrix product
 * before the scan; a carry that only adds up matrix products, as the gradient of a weight does, is
 * one product after it; and what a step only hands through, or nobody reads, is not stacked.
 */
final class ScanMotion {
  /** Stacks made for a product outside may take this many times the bytes of what it reads. */
  private static final int MOST_GROWTH = 4;

  private final Rewriter rewriter;
  private final Equation equation;
  private final Scan scan;
  private final List<Equation> equations;
  private final int variables;

  /** A variable of the body beside the one outside that it is an element, or the value, of. */
  private record Pair(Variable inside, Variable outside) {}

  /**
   * @param initial outside
   * @param result outside
   */
  private record Carry(Variable before, Variable after, Variable initial, Variable result) {}

  private final List<Pair> constants = new ArrayList<>();
  private final List<Carry> carries = new ArrayList<>();
  private final List<Pair> xs = new ArrayList<>();
  private final List<Pair> ys = new ArrayList<>();
  private final List<Runnable> afterwards = new ArrayList<>();

  ScanMotion(Rewriter rewriter, Uses uses, Equation equation, Scan scan) {
    this.rewriter = rewriter;
    this.equation = equation;
    this.scan = scan;
    Program body = Compiler.optimise(scan.body());
    this.equations = new ArrayList<>(body.equations());
    this.variables = body.variables();
    List<Variable> operands = rewriter.inputs(equation);
    for (int i = 0; i < operands.size(); i++) {
      Variable inside = body.inputs().get(i);
      int carry = i - scan.constants();
      if (carry < 0) {
        constants.add(new Pair(inside, operands.get(i)));
      } else if (carry < scan.carries()) {
        Variable result = equation.outputs().get(carry);
        carries.add(new Carry(inside, body.outputs().get(carry), operands.get(i), result));
      } else {
        xs.add(new Pair(inside, operands.get(i)));
      }
    }
    for (int i = scan.carries(); i < body.outputs().size(); i++) {
      if (!uses.isUnused(equation.outputs().get(i))) {
        ys.add(new Pair(body.outputs().get(i), equation.outputs().get(i)));
      }
    }
  }

  void run() {
    List.copyOf(xs).forEach(this::fixConstant);
    List.copyOf(ys).forEach(this::handThrough);
    List.copyOf(equations).forEach(this::computeBefore);
    List.copyOf(carries).forEach(this::addUpAfter);
    keepScan();
    afterwards.forEach(Runnable::run);
  }

  /** An x that is the same in each step becomes a constant of the body. */
  private void fixConstant(Pair x) {
    switch (rewriter.primitiveOf(x.outside)) {
      case Full full -> {
        Full step = new Full(x.inside.type(), full.value());
        equations.addFirst(new Equation(step, List.of(), List.of(x.inside), equation.origin()));
        xs.remove(x);
      }
      case BroadcastInDim broadcast when !broadcast.axes().contains(0) -> {
        BroadcastInDim step =
            new BroadcastInDim(
                x.inside.type().shape(), broadcast.axes().stream().map(axis -> axis - 1).toList());
        Variable once = rewriter.define(equation, step, rewriter.operandsOf(x.outside));
        constants.add(new Pair(x.inside, once));
        xs.remove(x);
      }
      case null, default -> {}
    }
  }

  /** A y that is an x is the stack that the x comes from. */
  private void handThrough(Pair y) {
    for (Pair x : xs) {
      if (x.inside.equals(y.inside)) {
        rewriter.replace(y.outside, x.outside);
        ys.remove(y);
        return;
      }
    }
  }

  private static Pair find(List<Pair> pairs, Variable inside) {
    return pairs.stream().filter(pair -> pair.inside.equals(inside)).findFirst().orElse(null);
  }

  private Equation definition(Variable variable) {
    return equations.stream().filter(e -> e.outputs().contains(variable)).findFirst().orElse(null);
  }

  /** A product of an x and a constant is computed for all steps at once. */
  private void computeBefore(Equation step) {
    if (!(step.primitive() instanceof DotGeneral dot) || !dot.leftBatch().isEmpty()) {
      return;
    }
    Variable result = step.outputs().getFirst();
    Pair leftX = find(xs, step.inputs().get(0));
    Pair rightX = find(xs, step.inputs().get(1));
    Pair stacked = leftX != null ? leftX : rightX;
    if (leftX != null && rightX != null
        || stacked == null
        || result.type().bytes() > MOST_GROWTH * stacked.inside.type().bytes()) {
      return;
    }
    Variable other = constant(step.inputs().get(leftX != null ? 1 : 0));
    if (other == null) {
      return;
    }
    Variable all;
    if (leftX != null) {
      DotGeneral left =
          new DotGeneral(shifted(dot.leftContract()), dot.rightContract(), List.of(), List.of());
      all = rewriter.define(step, left, List.of(leftX.outside, other));
    } else {
      DotGeneral right =
          new DotGeneral(dot.leftContract(), shifted(dot.rightContract()), List.of(), List.of());
      all = rewriter.define(step, right, List.of(other, rightX.outside));
      int steps = other.type().shape().rank() - dot.leftContract().size();
      List<Integer> permutation = new ArrayList<>(List.of(steps));
      for (int axis = 0; axis < all.type().shape().rank(); axis++) {
        if (axis != steps) {
          permutation.add(axis);
        }
      }
      all = rewriter.define(step, new Transpose(permutation), List.of(all));
    }
    equations.remove(step);
    xs.add(new Pair(result, all));
  }

  /** Returns the variable outside that is the constant or its transpose, or null. */
  private Variable constant(Variable inside) {
    Pair constant = find(constants, inside);
    if (constant != null) {
      return constant.outside;
    }
    Equation step = definition(inside);
    if (step == null || !(step.primitive() instanceof Transpose transpose)) {
      return null;
    }
    Pair transposed = find(constants, step.inputs().getFirst());
    return transposed == null
        ? null
        : rewriter.define(step, transpose, List.of(transposed.outside));
  }

  private static List<Integer> shifted(List<Integer> axes) {
    return axes.stream().map(axis -> axis + 1).toList();
  }

  /** A carry to which each step adds a product of stacked values is one product after the scan. */
  private void addUpAfter(Carry carry) {
    Equation sum = definition(carry.after);
    if (sum == null
        || !(sum.primitive() instanceof Add)
        || !sum.inputs().contains(carry.before)
        || uses(carry.before) != 1
        || uses(carry.after) != 1) {
      return;
    }
    boolean first = sum.inputs().getFirst().equals(carry.before);
    Equation term = definition(sum.inputs().get(first ? 1 : 0));
    Transpose transpose = null;
    if (term != null && term.primitive() instanceof Transpose outer) {
      transpose = outer;
      term = definition(term.inputs().getFirst());
    }
    if (term == null
        || !(term.primitive() instanceof DotGeneral dot)
        || term.inputs().stream().anyMatch(v -> !isWorthStacking(v, carry))) {
      return;
    }
    Variable left = stack(term.inputs().get(0));
    Variable right = stack(term.inputs().get(1));
    DotGeneral all =
        new DotGeneral(
            withSteps(dot.leftContract()),
            withSteps(dot.rightContract()),
            shifted(dot.leftBatch()),
            shifted(dot.rightBatch()));
    Transpose last = transpose;
    carries.remove(carry);
    equations.remove(sum);
    afterwards.add(() -> {
      Variable total = rewriter.define(equation, all, List.of(left, right));
      if (last != null) {
        total = rewriter.define(equation, last, List.of(total));
      }
      List<Variable> terms = List.of(carry.initial, total);
      rewriter.keep(
          new Equation(new Add(), terms, List.of(carry.result), equation.origin()), terms);
    });
  }

  private static List<Integer> withSteps(List<Integer> contract) {
    List<Integer> axes = new ArrayList<>(List.of(0));
    axes.addAll(shifted(contract));
    return axes;
  }

  private boolean isWorthStacking(Variable inside, Carry carry) {
    boolean fixed =
        find(constants, inside) != null
            || carries.stream().anyMatch(other -> other.before.equals(inside));
    return !fixed
        && (find(xs, inside) != null
            || inside.type().bytes() <= MOST_GROWTH * carry.before.type().bytes());
  }

  /** Returns the stack of the values that a variable has in the steps. */
  private Variable stack(Variable inside) {
    Pair known = find(xs, inside);
    known = known != null ? known : find(ys, inside);
    if (known == null) {
      TensorType type = inside.type();
      known = new Pair(inside, rewriter.variable(type.with(type.shape().insert(0, scan.length()))));
      ys.add(known);
    }
    return known.outside;
  }

  private long uses(Variable inside) {
    return equations.stream().flatMap(step -> step.inputs().stream()).filter(inside::equals).count()
        + Stream.concat(carries.stream().map(Carry::after), ys.stream().map(Pair::inside))
            .filter(inside::equals)
            .count();
  }

  private void keepScan() {
    List<Variable> inside =
        concat(carries.stream().map(Carry::after), ys.stream().map(Pair::inside));
    if (inside.isEmpty()) {
      return;
    }
    Program live =
        new Program(
                concat(
                    constants.stream().map(Pair::inside),
                    carries.stream().map(Carry::before),
                    xs.stream().map(Pair::inside)),
                equations,
                inside,
                variables)
            .live();
    boolean[] read = new boolean[variables];
    live.equations().forEach(e -> e.inputs().forEach(input -> read[input.id()] = true));
    inside.forEach(output -> read[output.id()] = true);
    constants.removeIf(pair -> !read[pair.inside.id()]);
    xs.removeIf(pair -> !read[pair.inside.id()]);
    Program body =
        new Program(
            concat(
                constants.stream().map(Pair::inside),
                carries.stream().map(Carry::before),
                xs.stream().map(Pair::inside)),
            live.equations(),
            inside,
            variables);
    Primitive moved =
        new Scan(body, scan.length(), scan.reverse(), constants.size(), carries.size());
    List<Variable> operands =
        concat(
            constants.stream().map(Pair::outside),
            carries.stream().map(Carry::initial),
            xs.stream().map(Pair::outside));
    List<Variable> results =
        concat(carries.stream().map(Carry::result), ys.stream().map(Pair::outside));
    rewriter.keep(new Equation(moved, operands, results, equation.origin()), operands);
  }

  private static List<Variable> concat(Stream<Variable> first, Stream<Variable> second) {
    return Stream.concat(first, second).toList();
  }

  private static List<Variable> concat(
      Stream<Variable> first, Stream<Variable> second, Stream<Variable> third) {
    return Stream.concat(Stream.concat(first, second), third).toList();
  }
}
