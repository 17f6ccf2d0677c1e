package dev.lockstep.compiler;

import dev.lockstep.bindings.Instruction;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Where;
import dev.lockstep.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** Turns one cluster into one fused loop: the kept axes outside, the reduced ones inside. */
final class LoopLowering {
  private static final int NOT_REDUCED = 0;

  private final Cluster cluster;
  private final Fusion fusion;
  private final Function<Variable, View> views;
  private final List<Integer> order = new ArrayList<>();
  private final List<View> inputs = new ArrayList<>();
  private final List<Instruction> instructions = new ArrayList<>();
  private final Map<Variable, Integer> numbers = new HashMap<>();

  private LoopLowering(Cluster cluster, Fusion fusion, Function<Variable, View> views) {
    this.cluster = cluster;
    this.fusion = fusion;
    this.views = views;
    for (int axis = 0; axis < cluster.shape.rank(); axis++) {
      if (!isReduced(axis)) {
        order.add(axis);
      }
    }
    if (cluster.reducedAxes != null) {
      order.addAll(cluster.reducedAxes);
    }
  }

  /**
   * @param views where outside variables are read and stored members written
   * @param stored whether a member's value is needed outside
   */
  static Step lower(
      Cluster cluster, Fusion fusion, Function<Variable, View> views, Predicate<Variable> stored) {
    return new LoopLowering(cluster, fusion, views).run(stored);
  }

  private boolean isReduced(int axis) {
    return cluster.reducedAxes != null && cluster.reducedAxes.contains(axis);
  }

  private Step run(Predicate<Variable> stored) {
    numberInputs();
    List<Step.Result> results = new ArrayList<>();
    for (Equation member : cluster.members.values()) {
      Variable result = member.outputs().getFirst();
      member.inputs().forEach(this::convert);
      switch (member.primitive()) {
        case Elementwise op -> {
          append(result, instruction(op, member));
          if (stored.test(result)) {
            View to = views.apply(result).transpose(order);
            results.add(new Step.Result(to, numbers.get(result), NOT_REDUCED));
          }
        }
        case Reduction reduction -> {
          int value = numbers.get(member.inputs().getFirst());
          results.add(new Step.Result(reduced(views.apply(result)), value, reduction.code()));
        }
        default -> throw new IllegalStateException("not a loop: " + member);
      }
    }
    long[] extents = order.stream().mapToLong(cluster.shape::extent).toArray();
    int reduceRank = cluster.reducedAxes == null ? 0 : cluster.reducedAxes.size();
    return new Step.Loop(extents, reduceRank, inputs, instructions, results);
  }

  private void numberInputs() {
    for (Equation member : cluster.members.values()) {
      for (Variable input : member.inputs()) {
        Variable source = fusion.source(input);
        if (!isComputedHere(source) && !numbers.containsKey(source)) {
          numbers.put(source, inputs.size());
          inputs.add(views.apply(source).transpose(order));
        }
      }
    }
  }

  private void append(Variable result, Instruction instruction) {
    numbers.put(result, inputs.size() + instructions.size());
    instructions.add(instruction);
  }

  /** Converts an operand that is read in another dtype, once in the loop. */
  private void convert(Variable operand) {
    Variable source = fusion.source(operand);
    if (source != operand && !numbers.containsKey(operand)) {
      DType to = operand.type().dtype();
      int from = source.type().dtype().code();
      append(
          operand,
          new Instruction(new Cast(to).opcode(), from, to.code(), numbers.get(source), -1, -1));
    }
  }

  private boolean isComputedHere(Variable variable) {
    return cluster.computed.contains(variable);
  }

  private Instruction instruction(Elementwise op, Equation equation) {
    List<Variable> operands = equation.inputs();
    DType operandType = operands.get(op instanceof Where ? 1 : 0).type().dtype();
    DType resultType = equation.outputs().getFirst().type().dtype();
    return new Instruction(
        op.opcode(),
        operandType.code(),
        resultType.code(),
        number(operands, 0),
        number(operands, 1),
        number(operands, 2));
  }

  private int number(List<Variable> operands, int i) {
    return i < operands.size() ? numbers.get(operands.get(i)) : -1;
  }

  /**
   * Returns the view of a reduction's result with stride 0 along the reduced axes, which stand
   * last.
   */
  private View reduced(View view) {
    int kept = order.size() - cluster.reducedAxes.size();
    long[] strides = new long[order.size()];
    System.arraycopy(view.strides(), 0, strides, 0, kept);
    return new View(view.slot(), view.dtype(), view.shape(), view.offset(), strides);
  }
}
