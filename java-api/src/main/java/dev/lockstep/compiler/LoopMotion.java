package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.primitive.ControlFlow.Scan;

/** Moves work out of scans: see {@link ScanMotion}. */
final class LoopMotion {
  private LoopMotion() {}

  static Program apply(Program program) {
    if (program.equations().stream().noneMatch(e -> e.primitive() instanceof Scan)) {
      return program;
    }
    Rewriter rewriter = new Rewriter(program);
    Uses uses = new Uses(program);
    for (Equation equation : program.equations()) {
      if (equation.primitive() instanceof Scan scan && scan.length() > 0) {
        new ScanMotion(rewriter, uses, equation, scan).run();
      } else {
        rewriter.keep(equation, rewriter.inputs(equation));
      }
    }
    return rewriter.finish();
  }
}
