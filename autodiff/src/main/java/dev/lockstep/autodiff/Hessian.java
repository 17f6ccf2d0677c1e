package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import java.util.List;

/**
 * Makes the program of one output one of its second derivatives: forward mode over reverse mode.
 *
 * @param inputs the one input to differentiate with respect to
 */
record Hessian(List<Integer> inputs) implements Transform<Program> {
  @Override
  public Program of(Program program) {
    return new ForwardJacobian(inputs).cached(new ReverseJacobian(inputs).cached(program));
  }
}
