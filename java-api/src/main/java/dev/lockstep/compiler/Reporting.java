package dev.lockstep.compiler;

import dev.lockstep.bindings.PlanHandle;
import dev.lockstep.program.PlanReport;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tells what a program's plan does: the compiler's steps beside the native core's own account. */
final class Reporting {
  private Reporting() {}

  /**
   * @param writeAll as for {@link Lowering#lower}
   */
  static PlanReport report(Program program, boolean writeAll) {
    Program optimised = Compiler.optimise(program);
    Lowering.Lowered lowered = Lowering.lower(optimised, writeAll);
    Compiler.Compiled compiled = Compiler.assemble(optimised, lowered, !writeAll);
    PlanHandle plan = compiled.plan();
    try {
      // Lines of sub-plans are indented.
      List<String> lines = plan.describe().lines().filter(line -> !line.startsWith(" ")).toList();
      List<PlanReport.Step> steps = new ArrayList<>();
      for (int i = 0; i < lowered.planned().size(); i++) {
        steps.add(step(lowered.planned().get(i), lines.get(i)));
      }
      List<TensorType> written = new ArrayList<>();
      for (int i = 0; i < optimised.outputs().size(); i++) {
        if (lowered.outputSources()[i] < 0) {
          written.add(optimised.outputs().get(i).type());
        }
      }
      return new PlanReport(
          steps,
          optimised.inputs().stream().map(Variable::type).toList(),
          written,
          compiled.workspaceBytes(),
          plan.runBytes());
    } finally {
      plan.destroy();
    }
  }

  private static PlanReport.Step step(Lowering.Planned planned, String line) {
    Step step = planned.step();
    List<PlanReport> parts = step.parts().stream().map(part -> report(part, true)).toList();
    long operations = parts.stream().mapToLong(PlanReport::operations).sum();
    int reasons = line.indexOf("; ");
    List<String> why = new ArrayList<>(List.of(planned.reason().why()));
    if (reasons >= 0) {
      why.addAll(Arrays.asList(line.substring(reasons + 2).split("(?<=\\)), |; ")));
    }
    return new PlanReport.Step(
        step.name(),
        planned.reason().computes(),
        types(step.reads()),
        types(step.writes()),
        bytes(step.reads()),
        bytes(step.writes()),
        step.operations() + step.repetitions() * operations,
        reasons >= 0 ? line.substring(0, reasons) : line,
        why,
        parts);
  }

  private static List<TensorType> types(List<View> views) {
    return views.stream()
        .filter(view -> view.slot().isMemory())
        .map(view -> new TensorType(view.dtype(), view.shape()))
        .toList();
  }

  private static long bytes(List<View> views) {
    return views.stream().mapToLong(View::distinctBytes).sum();
  }
}
