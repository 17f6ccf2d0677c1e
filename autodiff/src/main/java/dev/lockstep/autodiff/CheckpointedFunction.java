package dev.lockstep.autodiff;

import dev.lockstep.error.LockstepException;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.program.primitive.Unary;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A function whose derivative computes again what it needs instead of keeping it. */
public final class CheckpointedFunction implements Variadic {
  private final Variadic function;
  private final List<String> saved;

  public CheckpointedFunction(Variadic function, List<String> saved) {
    this.function = function;
    this.saved = saved;
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of("checkpoint", arguments);
    TracedCall traced = call.trace(function, call.types(), call.leaves());
    Program program = traced.program().live();
    requireNames(program);
    Tensor[] inputs = traced.inputs(call.leaves()).toArray(Tensor[]::new);
    return traced.rebuild(Trace.bindAll(new ControlFlow.Checkpoint(program, saved), inputs));
  }

  private void requireNames(Program program) {
    Set<String> known = new TreeSet<>();
    for (Equation equation : program.equations()) {
      if (equation.primitive() instanceof Unary.Named named) {
        known.add(named.label());
      }
    }
    for (String name : saved) {
      if (!known.contains(name)) {
        throw new LockstepException(
            ("checkpoint: no value that the result depends on has the name \"%s\", there are %s;"
                    + " mark one with checkpointName(x, \"%s\")")
                .formatted(name, known, name));
      }
    }
  }
}
