package dev.lockstep.compiler;

import dev.lockstep.bindings.PlanHandle;
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
    return compile(program, false);
  }

  private static Compiled compile(Program program, boolean writeAll) {
    Program optimised = optimise(program);
    Lowering.Lowered lowered = Lowering.lower(optimised, writeAll);
    long workspace = MemoryPlan.assign(lowered.steps());
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
      lowered.steps().forEach(writer::add);
      plan.seal();
    } catch (RuntimeException e) {
      plan.destroy();
      throw e;
    }
    return new Compiled(plan, lowered.outputSources(), workspace);
  }

  /** Compiles a program that is part of a step: all of its outputs are written. */
  static PlanHandle compilePart(Program program) {
    return compile(program, true).plan();
  }

  /** Returns the program after all passes that keep it a program. */
  public static Program optimise(Program program) {
    Program named = AttentionRecognition.apply(InlineCustom.apply(program.live()));
    Program inlined = ScalarProducts.apply(named);
    Program simplified = Simplify.apply(inlined);
    Program carried = Embeddings.apply(simplified);
    Program again = carried == simplified ? carried : Simplify.apply(carried.live());
    return CommonSubexpressions.apply(again).live();
  }
}
