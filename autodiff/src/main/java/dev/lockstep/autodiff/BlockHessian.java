package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the program of one output one of its second derivatives with respect to each pair of
 * inputs, pairs with the same first input together: forward mode over reverse mode.
 *
 * @param inputs the inputs to differentiate with respect to, in ascending order
 */
record BlockHessian(List<Integer> inputs) implements Transform<Program> {
  @Override
  public Program of(Program program) {
    Program gradients = new ReverseJacobian(inputs).cached(program);
    return Trace.program(
        "hessianBlocks",
        Programs.types(program.inputs()),
        tensors -> {
          List<Tensor> blocks = new ArrayList<>(inputs.size() * inputs.size());
          for (Variable gradient : gradients.outputs()) {
            Program row = new ForwardJacobian(inputs).cached(only(gradients, gradient));
            blocks.addAll(Trace.apply(row, tensors));
          }
          return blocks;
        });
  }

  private static Program only(Program program, Variable output) {
    return new Program(program.inputs(), program.equations(), List.of(output), program.variables())
        .live();
  }
}
