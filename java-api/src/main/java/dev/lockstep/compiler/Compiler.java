package dev.lockstep.compiler;

import dev.lockstep.bindings.PlanHandle;
import dev.lockstep.program.PlanReport;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Compiles programs to native plans: the passes in their order. */
public final class Compiler {
  private static final int CPU = 0;

  private Compiler() {}

  /**
   * A compiled program.
   *
   * @param plan takes the program's inputs and gives the outputs that steps write, in order
   * @param outputSources for each output of the program: -1 if the plan writes it; {@code i} if it
   *     is the program's input i; {@code inputs + j} if it is the same value as the earlier output
   *     j
   * @param workspaceBytes what each run needs besides its inputs and outputs
   */
  public record Compiled(PlanHandle plan, int[] outputSources, long workspaceBytes) {}

  /** Compiles a program. */
  public static Compiled compile(Program program) {
    Program optimised = optimise(program);
    return assemble(optimised, Lowering.lower(optimised, false), true);
  }

  /**
   * Returns the native plan of an optimised program's steps.
   *
   * @param outputsAligned whether each output is a block of its own; those of sub-plans are not
   */
  static Compiled assemble(Program optimised, Lowering.Lowered lowered, boolean outputsAligned) {
    List<Step> steps = lowered.steps();
    long workspace = MemoryPlan.assign(steps, outputsAligned);
    int[] positions = new int[optimised.outputs().size()];
    List<TensorType> written = new ArrayList<>();
    for (int i = 0; i < positions.length; i++) {
      if (lowered.outputSources()[i] < 0) {
        positions[i] = written.size();
        written.add(optimised.outputs().get(i).type());
      }
    }
    PlanHandle plan =
        PlanHandle.create(
            CPU,
            optimised.inputs().stream().map(Variable::type).mapToLong(TensorType::bytes).toArray(),
            written.stream().mapToLong(TensorType::bytes).toArray(),
            workspace);
    try {
      PlanWriter writer =
          new PlanWriter(plan, optimised.inputs().size(), positions, written.size());
      steps.forEach(writer::add);
      plan.seal();
    } catch (RuntimeException e) {
      plan.destroy();
      throw e;
    }
    return new Compiled(plan, lowered.outputSources(), workspace);
  }

  /** Compiles a program that is part of a step: all of its outputs are written. */
  static PlanHandle compilePart(Program program) {
    Program optimised = optimise(program);
    return assemble(optimised, Lowering.lower(optimised, true), false).plan();
  }

  /** Compiles a program to tell what its plan does, step by step. */
  public static PlanReport report(Program program) {
    return Reporting.report(program, false);
  }

  /** Returns the program after all passes that keep it a program. */
  public static Program optimise(Program program) {
    Program inlined = InlineCustom.apply(Widening.apply(program.live()));
    Program named = AttentionRecognition.apply(Widening.apply(inlined));
    Program simplified = Simplify.apply(PushTransposes.apply(ScalarProducts.apply(named))).live();
    Program moved = LoopMotion.apply(Embeddings.apply(simplified));
    Program best = moved == simplified ? moved : Simplify.apply(moved.live());
    return NarrowReads.apply(CommonSubexpressions.apply(Widening.apply(best)).live());
  }
}
