package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.AttentionOp;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Collective;
import dev.lockstep.program.primitive.Contraction;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.program.primitive.Convolution.ConvGeneral;
import dev.lockstep.program.primitive.Custom;
import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.program.primitive.LinearAlgebra;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.program.primitive.Structural.Iota;
import dev.lockstep.program.primitive.Unary;
import dev.lockstep.program.primitive.Where;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Computes on bf16 in f32: operands are cast, the primitive is applied, and each result is rounded
 * back. So fusion changes no bits: a program compiled whole rounds where its ops one by one do.
 * What only moves elements stays bf16.
 */
public final class Widening {
  private final Rewriter rewriter;
  private final Predicate<Equation> takesBf16;
  private final Map<Variable, Variable> widened = new HashMap<>();

  private Widening(Program program, Predicate<Equation> takesBf16) {
    this.rewriter = new Rewriter(program);
    this.takesBf16 = takesBf16;
  }

  /** Returns the program for the native core, whose kernels may take bf16 themselves. */
  static Program apply(Program program) {
    return apply(program, Widening::hasKernel);
  }

  /** Returns the program with nothing but moves on bf16. */
  public static Program applyToAll(Program program) {
    return apply(program, _ -> false);
  }

  /** Returns whether a native kernel reads and writes bf16 and accumulates in f32. */
  private static boolean hasKernel(Equation equation) {
    return switch (equation.primitive()) {
      case Contraction _, AttentionOp.Attention _, AttentionOp.AttentionGradient _ -> true;
      case ConvGeneral op ->
          LibraryConvolution.takes(
              op, equation.inputs().get(0).type(), equation.inputs().get(1).type());
      default -> false;
    };
  }

  private static Program apply(Program program, Predicate<Equation> takesBf16) {
    if (program.equations().stream().noneMatch(Widening::concerns)) {
      return program;
    }
    Widening pass = new Widening(program, takesBf16);
    program.equations().forEach(pass::visit);
    return pass.rewriter.finish();
  }

  private static boolean concerns(Equation equation) {
    return equation.inputs().stream().anyMatch(Widening::isBf16)
        || equation.outputs().stream().anyMatch(Widening::isBf16)
        || (equation.primitive() instanceof ControlFlow op
            && parts(op).stream()
                .anyMatch(part -> part.equations().stream().anyMatch(Widening::concerns)));
  }

  private static boolean isBf16(Variable variable) {
    return variable.type().dtype() == DType.BF16;
  }

  private void visit(Equation equation) {
    List<Variable> inputs = rewriter.inputs(equation);
    if (!concerns(equation)) {
      rewriter.keep(equation, inputs);
    } else if (equation.primitive() instanceof ControlFlow op) {
      add(withParts(op), inputs, equation.outputs(), equation);
    } else if (equation.primitive() instanceof Iota iota) {
      Iota whole = new Iota(iota.type().with(DType.I64), iota.axis());
      Variable counted = rewriter.define(equation, whole, List.of());
      add(new Cast(DType.BF16), List.of(counted), equation.outputs(), equation);
    } else if (moves(equation.primitive()) || takesBf16.test(equation)) {
      rewriter.keep(equation, inputs);
    } else {
      compute(equation, inputs);
    }
  }

  /** Returns whether each element of the result is one of an operand, or a constant. */
  private static boolean moves(Primitive primitive) {
    return switch (primitive) {
      case Cast _, Where _, Unary.StopGradient _, Unary.Named _ -> true;
      case Structural _, Indexing.Gather _ -> true;
      case Indexing.Scatter scatter -> scatter.mode() == Indexing.Scatter.Mode.SET;
      case Collective _, LinearAlgebra _ -> true;
      default -> false;
    };
  }

  private void compute(Equation equation, List<Variable> inputs) {
    List<Variable> wide = inputs.stream().map(input -> widened(input, equation)).toList();
    List<TensorType> types = equation.primitive().infer(wide.stream().map(Variable::type).toList());
    List<Variable> results = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      Variable output = equation.outputs().get(i);
      results.add(isBf16(output) ? rewriter.variable(types.get(i)) : output);
    }
    add(equation.primitive(), wide, results, equation);
    for (int i = 0; i < types.size(); i++) {
      Variable output = equation.outputs().get(i);
      if (isBf16(output)) {
        add(new Cast(DType.BF16), List.of(results.get(i)), List.of(output), equation);
      }
    }
  }

  private Variable widened(Variable variable, Equation near) {
    return isBf16(variable)
        ? widened.computeIfAbsent(
            variable, narrow -> rewriter.define(near, new Cast(DType.F32), List.of(narrow)))
        : variable;
  }

  private void add(
      Primitive primitive, List<Variable> inputs, List<Variable> outputs, Equation near) {
    rewriter.keep(new Equation(primitive, inputs, outputs, near.origin()), inputs);
  }

  private static List<Program> parts(ControlFlow op) {
    return switch (op) {
      case ControlFlow.Switch choice -> choice.branches();
      case ControlFlow.While loop -> List.of(loop.condition(), loop.body());
      case ControlFlow.Scan scan -> List.of(scan.body());
      case ControlFlow.Checkpoint checkpoint -> List.of(checkpoint.program());
      case Custom _ -> List.of();
    };
  }

  private ControlFlow withParts(ControlFlow op) {
    return switch (op) {
      case ControlFlow.Switch choice ->
          new ControlFlow.Switch(choice.branches().stream().map(this::part).toList());
      case ControlFlow.While loop ->
          new ControlFlow.While(
              part(loop.condition()),
              part(loop.body()),
              loop.conditionConstants(),
              loop.bodyConstants());
      case ControlFlow.Scan scan ->
          new ControlFlow.Scan(
              part(scan.body()), scan.length(), scan.reverse(), scan.constants(), scan.carries());
      case ControlFlow.Checkpoint checkpoint ->
          new ControlFlow.Checkpoint(part(checkpoint.program()), checkpoint.saved());
      case Custom custom -> custom;
    };
  }

  private Program part(Program program) {
    return apply(program, takesBf16);
  }
}
