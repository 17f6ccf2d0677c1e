package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.tensor.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets loops read bf16 where it is in memory: each loop widens what it reads, instead of one that
 * writes it down in f32 for all. For that a widening is done after the structural ops on it.
 */
final class NarrowReads {
  private final Rewriter rewriter;
  private final Map<Variable, Variable> narrow = new HashMap<>();
  private final Map<Variable, Variable> widened = new HashMap<>();

  private NarrowReads(Program program) {
    rewriter = new Rewriter(program);
  }

  /** Returns the program with widenings that loops read, directly or by views, made for them. */
  static Program apply(Program program) {
    if (program.equations().stream().noneMatch(NarrowReads::widens)) {
      return program;
    }
    NarrowReads pass = new NarrowReads(program);
    for (Equation equation : program.equations()) {
      pass.rewriter.keep(equation, isLoop(equation) ? pass.inputs(equation) : equation.inputs());
    }
    return pass.rewriter.finish().live();
  }

  /** Returns for each variable whether it is a widening, and nothing but loops uses it. */
  static boolean[] of(Program program) {
    boolean[] reads = new boolean[program.variables()];
    for (Equation equation : program.equations()) {
      if (widens(equation)) {
        reads[equation.outputs().getFirst().id()] = true;
      }
      if (!isLoop(equation) || widens(equation)) {
        equation.inputs().forEach(input -> reads[input.id()] = false);
      }
    }
    program.outputs().forEach(output -> reads[output.id()] = false);
    return reads;
  }

  private static boolean isLoop(Equation equation) {
    return equation.primitive() instanceof Elementwise || equation.primitive() instanceof Reduction;
  }

  private static boolean widens(Equation equation) {
    return equation.primitive() instanceof Cast cast
        && cast.dtype() != DType.BF16
        && cast.dtype().isFloating()
        && equation.inputs().getFirst().type().dtype() == DType.BF16;
  }

  private List<Variable> inputs(Equation loop) {
    return loop.inputs().stream()
        .map(input -> widened.computeIfAbsent(input, wide -> widened(wide, loop)))
        .toList();
  }

  /** Returns the widening of views in bf16 that equals a variable, or else the variable. */
  private Variable widened(Variable wide, Equation near) {
    Variable source = narrow(wide, near);
    return source == null
        ? wide
        : rewriter.define(near, new Cast(wide.type().dtype()), List.of(source));
  }

  /** Returns the variable in bf16, if it is a view of a widening, else null. */
  private Variable narrow(Variable wide, Equation near) {
    Variable known = narrow.get(wide);
    if (known != null) {
      return known;
    }
    Variable found =
        switch (rewriter.primitiveOf(wide)) {
          case Cast _ -> ofCast(rewriter.operandsOf(wide).getFirst());
          case Structural view when isView(view) -> {
            Variable source = narrow(rewriter.operandsOf(wide).getFirst(), near);
            yield source == null ? null : rewriter.define(near, view, List.of(source));
          }
          case null, default -> null;
        };
    if (found != null) {
      narrow.put(wide, found);
    }
    return found;
  }

  private static Variable ofCast(Variable operand) {
    return operand.type().dtype() == DType.BF16 ? operand : null;
  }

  private static boolean isView(Primitive primitive) {
    return primitive instanceof Structural.Transpose
        || primitive instanceof Structural.BroadcastInDim
        || primitive instanceof Structural.Reshape
        || primitive instanceof Structural.Slice
        || primitive instanceof Structural.Reverse;
  }
}
