package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.ProgramTransforms;
import java.util.ArrayList;
import java.util.List;

/** The transforms as the rules of primitives with sub-programs use them. */
public final class RuleTransforms implements ProgramTransforms {
  private static final int FRONT = 0;

  @Override
  public BatchedProgram batch(Program program, long size, boolean[] mapped, boolean[] force) {
    List<Integer> in = axes(mapped);
    List<Integer> out = axes(force);
    Batch.Result result = Batch.inside(in, out, size).cached(program);
    boolean[] results = result.mapped().clone();
    for (int i = 0; i < results.length; i++) {
      results[i] |= force[i];
    }
    return new BatchedProgram(result.program(), results);
  }

  private static List<Integer> axes(boolean[] mapped) {
    List<Integer> axes = new ArrayList<>(mapped.length);
    for (boolean isMapped : mapped) {
      axes.add(isMapped ? FRONT : Batch.NONE);
    }
    return axes;
  }

  @Override
  public PushedProgram push(Program program, List<Integer> inputs) {
    Push.Result result = new Push(inputs).cached(program);
    return new PushedProgram(result.program(), result.outputs());
  }

  @Override
  public LinearizedProgram linearize(Program program, List<Integer> inputs) {
    Linearize.Result result = new Linearize(inputs).cached(program);
    return new LinearizedProgram(
        result.known(), result.linear(), result.residuals(), result.outputs());
  }

  @Override
  public Program transpose(Program linear, int residuals) {
    return new Transpose(residuals).cached(linear);
  }
}
