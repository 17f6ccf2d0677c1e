package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.AttentionOp;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Collective;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.program.primitive.Convolution.ConvGeneral;
import dev.lockstep.program.primitive.Cumulative;
import dev.lockstep.program.primitive.Derived;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.program.primitive.MatrixKernel;
import dev.lockstep.program.primitive.Ordering.Sort;
import dev.lockstep.program.primitive.Placed;
import dev.lockstep.program.primitive.RandomBits;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.program.primitive.Windowed;
import dev.lockstep.tensor.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/**
 * Turns a program into steps: structural ops become views, elementwise ops and reductions become
 * loops, contractions become matrix products. A step's level is one more than the highest level of
 * what it reads; steps run in the order of their levels.
 */
final class Lowering {
  private final Program program;
  private final boolean writeAll;
  private final Placement placement;
  private final Fusion fusion;
  private final boolean[] reads;
  private final View[] views;
  private final List<Unit> units = new ArrayList<>();

  private record Unit(int level, Reason reason, Supplier<List<Step>> steps) {}

  /**
   * What a step is for.
   *
   * @param computes the primitives whose results it computes
   * @param why it is this kind of step
   */
  record Reason(List<String> computes, String why) {
    static Reason of(Equation equation, String why) {
      return new Reason(List.of(equation.primitive().name()), why);
    }
  }

  /** A step and what it is for. */
  record Planned(Step step, Reason reason) {}

  /**
   * @param outputSources for each output: -1 if a step writes it; {@code i} if it is the program's
   *     input i; {@code inputs + j} if it is the same value as the earlier output j
   */
  record Lowered(List<Planned> planned, int[] outputSources) {
    List<Step> steps() {
      return planned.stream().map(Planned::step).toList();
    }
  }

  private Lowering(Program program, boolean writeAll) {
    this.program = program;
    this.writeAll = writeAll;
    this.placement = new Placement(program);
    this.fusion = new Fusion(program.variables());
    this.reads = NarrowReads.of(program);
    this.views = new View[program.variables()];
  }

  /**
   * @param writeAll whether steps also write outputs that are inputs or equal to other outputs
   */
  static Lowered lower(Program program, boolean writeAll) {
    return new Lowering(program, writeAll).run();
  }

  private Lowered run() {
    for (int i = 0; i < program.inputs().size(); i++) {
      Variable input = program.inputs().get(i);
      views[input.id()] = View.dense(Slot.input(i, input.type().bytes()), input.type());
    }
    for (int position = 0; position < program.equations().size(); position++) {
      Equation equation = program.equations().get(position);
      Variable result = equation.outputs().getFirst();
      switch (equation.primitive()) {
        case Cast _ when reads[result.id()] -> fusion.read(result, equation.inputs().getFirst());
        case Elementwise _ -> fusion.join(position, equation, result.type().shape());
        case Reduction _ ->
            fusion.join(position, equation, equation.inputs().getFirst().type().shape());
        case Structural structural -> structural(structural, equation, result);
        case DotGeneral dot -> matmul(dot, equation, result);
        case Indexing indexing -> indexing(indexing, equation, result);
        case Sort sort -> sort(sort, equation);
        case Cumulative op -> cumulative(op, equation, result);
        case RandomBits.Threefry op -> random(op, equation, result);
        case Derived _ ->
            look(
                List.of(Derived.value(equation.inputs())),
                result,
                view(Derived.value(equation.inputs())));
        case MatrixKernel op -> linearAlgebra(op, equation);
        case AttentionOp op -> attention(op, equation);
        case ConvGeneral conv -> convolution(conv, equation, result);
        case Windowed op -> {
          List<View> operands = equation.inputs().stream().map(this::view).toList();
          step(
              equation,
              "tiles whose rows stay in the cache",
              () -> PoolingLowering.lower(op, operands, view(result)));
        }
        case Collective op -> throw op.unresolved();
        case ControlFlow op -> {
          List<View> operands = equation.inputs().stream().map(this::view).toList();
          step(
              equation,
              "a sub-program runs inside the plan",
              () ->
                  ControlFlowLowering.lower(
                      op, operands, equation.outputs().stream().map(this::view).toList()));
        }
      }
    }
    int[] sources = new int[program.outputs().size()];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = outputSource(i);
    }
    Sinking.apply(program, fusion);
    boolean[] stored = stored();
    for (Cluster cluster : fusion.clusters()) {
      unit(
          cluster.level,
          reason(cluster),
          () -> List.of(LoopLowering.lower(cluster, fusion, this::view, v -> stored[v.id()])));
    }
    List<Planned> planned = new ArrayList<>();
    units.stream()
        .sorted(Comparator.comparingInt(Unit::level))
        .forEach(
            unit -> unit.steps.get().forEach(step -> planned.add(new Planned(step, unit.reason))));
    return new Lowered(Epilogues.fuse(planned), sources);
  }

  private static Reason reason(Cluster cluster) {
    List<String> names = cluster.members.values().stream().map(e -> e.primitive().name()).toList();
    String reduced =
        cluster.reducedAxes == null ? "" : ", reduced over axes " + cluster.reducedAxes;
    return new Reason(
        names,
        names.size() == 1
            ? "over " + cluster.shape + reduced
            : "%d equations over %s%s in one pass".formatted(names.size(), cluster.shape, reduced));
  }

  private void unit(int level, Reason reason, Supplier<List<Step>> steps) {
    units.add(new Unit(level, reason, steps));
  }

  /** Returns where the variable is, or will be once its step has run. */
  private View view(Variable variable) {
    View view = views[variable.id()];
    if (view == null) {
      view = placement.of(variable);
      views[variable.id()] = view;
    }
    return view;
  }

  /** Adds steps that run after all operands exist. */
  private void step(Equation equation, String why, Supplier<List<Step>> steps) {
    int level = fusion.level(equation.inputs()) + 1;
    unit(level, Reason.of(equation, why), steps);
    equation.outputs().forEach(output -> fusion.setLevel(output, level));
  }

  private void matmul(DotGeneral dot, Equation equation, Variable result) {
    View a = view(equation.inputs().get(0));
    View b = view(equation.inputs().get(1));
    step(
        equation,
        "contracted and free axes are strides of the operands",
        () -> MatmulLowering.lower(dot, a, b, view(result)));
  }

  private void convolution(ConvGeneral conv, Equation equation, Variable result) {
    View x = view(equation.inputs().get(0));
    View w = view(equation.inputs().get(1));
    step(
        equation,
        "windows times kernels",
        () -> ConvolutionLowering.lower(conv, x, w, view(result)));
  }

  private void indexing(Indexing indexing, Equation equation, Variable result) {
    List<View> operands = equation.inputs().stream().map(this::view).toList();
    step(
        equation,
        "places are computed",
        () ->
            switch (indexing) {
              case Indexing.Gather gather ->
                  IndexingLowering.gather(gather, operands, view(result));
              case Indexing.Scatter scatter ->
                  IndexingLowering.scatter(scatter, operands, view(result));
            });
  }

  private void sort(Sort sort, Equation equation) {
    View keys = view(equation.inputs().getFirst());
    View values = placement.ofUsed(equation.outputs().get(0));
    View indices = placement.ofUsed(equation.outputs().get(1));
    step(
        equation,
        "rows along the last axis",
        () -> {
          List<Step> steps = new ArrayList<>();
          View from = Step.Copy.inMemory(keys, steps);
          steps.add(new Step.Sort(sort.descending(), from, values, indices));
          return steps;
        });
  }

  private void cumulative(Cumulative op, Equation equation, Variable result) {
    View operand = view(equation.inputs().getFirst());
    step(
        equation,
        "rows along the last axis",
        () -> {
          List<Step> steps = new ArrayList<>();
          View from = Step.Copy.inMemory(operand, steps);
          steps.add(new Step.Cumulative(op.code(), op.reverse(), from, view(result)));
          return steps;
        });
  }

  private void random(RandomBits.Threefry op, Equation equation, Variable result) {
    View keys = view(equation.inputs().get(0));
    View starts = view(equation.inputs().get(1));
    step(
        equation,
        "bits of each key and counter",
        () -> {
          DenseBlocks blocks = new DenseBlocks();
          return blocks.around(
              new Step.Random(
                  op, blocks.operand(keys), blocks.operand(starts), blocks.result(view(result))));
        });
  }

  private void linearAlgebra(MatrixKernel op, Equation equation) {
    List<View> operands = equation.inputs().stream().map(this::view).toList();
    List<View> results = equation.outputs().stream().map(placement::ofUsed).toList();
    step(
        equation,
        "a batch of matrices",
        () -> LinearAlgebraLowering.lower(op, equation, operands, results));
  }

  private void attention(AttentionOp op, Equation equation) {
    List<View> operands = equation.inputs().stream().map(this::view).toList();
    List<View> results = equation.outputs().stream().map(placement::ofUsed).toList();
    for (int i = 0; i < results.size(); i++) {
      views[equation.outputs().get(i).id()] = results.get(i);
    }
    step(
        equation, "scores stay in the cache", () -> AttentionLowering.lower(op, operands, results));
  }

  private void structural(Structural op, Equation equation, Variable result) {
    List<Variable> operands = equation.inputs();
    switch (op) {
      case Structural.Transpose t ->
          look(operands, result, of(operands).transpose(t.permutation()));
      case Structural.BroadcastInDim b ->
          look(operands, result, of(operands).broadcast(b.shape(), b.axes()));
      case Structural.Slice s ->
          look(operands, result, of(operands).slice(s.start(), s.limit(), s.stride()));
      case Structural.Reverse r -> look(operands, result, of(operands).reverse(r.axes()));
      case Structural.Iota i -> look(operands, result, View.index(i.type(), i.axis()));
      case Structural.Full f ->
          look(operands, result, View.constant(f.type(), Bits.of(f.type().dtype(), f.value())));
      case Structural.Reshape r -> reshape(equation, result, r.shape());
      case Structural.Concatenate c -> concatenate(c.axis(), equation, result);
      case Structural.Pad p -> pad(p, equation, result);
      case Placed.Diagonal d -> look(operands, result, of(operands).at(d.places(), d.shape()));
      case Placed.Embed e -> embed(e, equation, result);
    }
  }

  private View of(List<Variable> operands) {
    return view(operands.getFirst());
  }

  /** Makes the result a view that costs no step. */
  private void look(List<Variable> operands, Variable result, View view) {
    views[result.id()] = view;
    fusion.setLevel(result, fusion.level(operands));
  }

  private void reshape(Equation equation, Variable result, Shape shape) {
    List<Variable> operands = equation.inputs();
    Reason reason = Reason.of(equation, "no strides of the operand say its result");
    View operand = of(operands);
    View reshaped = operand.reshape(shape);
    if (reshaped != null) {
      look(operands, result, reshaped);
      return;
    }
    View place = view(result).reshape(operand.shape());
    if (place != null) {
      copy(fusion.level(operands) + 1, reason, operand, place);
    } else {
      View dense = View.dense(Slot.temporary(result.type().bytes()), operands.getFirst().type());
      copy(fusion.level(operands) + 1, reason, operand, dense);
      views[result.id()] = dense.reshape(shape);
    }
    fusion.setLevel(result, fusion.level(operands) + 1);
  }

  private void concatenate(int axis, Equation equation, Variable result) {
    Reason reason = Reason.of(equation, "the operand was not computed in its place of the result");
    View whole = view(result);
    int level = 0;
    long start = 0;
    for (Variable operand : equation.inputs()) {
      long count = operand.type().shape().extent(axis);
      View part = whole.part(axis, start, count);
      View from = view(operand);
      if (from.sameAs(part)) {
        level = Math.max(level, fusion.level(operand));
      } else {
        copy(fusion.level(operand) + 1, reason, from, part);
        level = Math.max(level, fusion.level(operand) + 1);
      }
      start += count;
    }
    fusion.setLevel(result, level);
  }

  private void pad(Structural.Pad pad, Equation equation, Variable result) {
    View from = view(equation.inputs().getFirst());
    View whole = view(result);
    boolean gaps = PadLowering.hasGaps(pad);
    step(
        equation,
        gaps ? "zeros, then the operand inside" : "borders, then the operand",
        () -> PadLowering.pad(pad, from, whole));
  }

  private void embed(Placed.Embed embed, Equation equation, Variable result) {
    List<View> from = equation.inputs().stream().map(this::view).toList();
    View whole = view(result);
    step(
        equation,
        "zeros, then the operands at their places",
        () -> PadLowering.embed(embed, from, whole));
  }

  private void copy(int level, Reason reason, View from, View to) {
    unit(level, reason, () -> List.of(Step.Copy.of(from, to)));
  }

  private int outputSource(int output) {
    Variable variable = program.outputs().get(output);
    if (!writeAll) {
      int input = program.inputs().indexOf(variable);
      if (input >= 0) {
        return input;
      }
      int first = program.outputs().indexOf(variable);
      if (first < output) {
        return program.inputs().size() + first;
      }
    }
    View view = view(variable);
    boolean inPlace =
        view.slot().kind == Slot.Kind.OUTPUT && view.slot().position == output && view.isDense();
    if (!inPlace) {
      View place = View.dense(Slot.output(output, variable.type().bytes()), variable.type());
      Reason reason = new Reason(List.of(), "output %d is its own memory".formatted(output));
      copy(fusion.level(variable) + 1, reason, view, place);
    }
    return -1;
  }

  /** Returns for each variable whether something outside its cluster reads it. */
  private boolean[] stored() {
    boolean[] stored = new boolean[program.variables()];
    for (Equation equation : program.equations()) {
      Variable result = equation.outputs().getFirst();
      boolean loop =
          equation.primitive() instanceof Elementwise || equation.primitive() instanceof Reduction;
      if (fusion.source(result) != result) {
        continue;
      }
      Cluster reader = loop ? fusion.clusterOf(result) : null;
      for (Variable input : equation.inputs()) {
        Cluster producer = fusion.memberOf(input);
        stored[fusion.source(input).id()] |= producer != null && producer != reader;
      }
    }
    for (Variable output : program.outputs()) {
      stored[output.id()] = true;
    }
    return stored;
  }
}
