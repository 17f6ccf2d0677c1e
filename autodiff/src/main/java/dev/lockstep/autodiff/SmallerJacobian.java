package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import java.util.List;

/**
 * The Jacobian in the mode that takes fewer passes: by columns if the inputs have fewer elements
 * than the output, else by rows.
 */
record SmallerJacobian(List<Integer> inputs) implements Transform<Program> {
  @Override
  public Program of(Program program) {
    long columns =
        inputs.stream().mapToLong(i -> program.inputs().get(i).type().shape().size()).sum();
    long rows = program.outputs().getFirst().type().shape().size();
    return columns < rows
        ? new ForwardJacobian(inputs).of(program)
        : new ReverseJacobian(inputs).of(program);
  }
}
