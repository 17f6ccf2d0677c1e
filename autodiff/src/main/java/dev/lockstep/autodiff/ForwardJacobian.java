package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Makes the program of one output one of its Jacobians, column by column: the linear part, batched
 * over the unit vectors of each input. The shape is the output's followed by the input's.
 *
 * @param inputs the inputs to differentiate with respect to, in ascending order
 */
record ForwardJacobian(List<Integer> inputs) implements Transform<Program> {
  @Override
  public Program of(Program program) {
    return Trace.program(
        "jacfwd",
        Programs.types(program.inputs()),
        tensors -> {
          List<Tensor> jacobians = new ArrayList<>(inputs.size());
          for (int input : inputs) {
            jacobians.add(jacobian(program, input, tensors));
          }
          return jacobians;
        });
  }

  private static Tensor jacobian(Program program, int input, List<Tensor> tensors) {
    TensorType output = program.outputs().getFirst().type();
    TensorType type = program.inputs().get(input).type();
    Linearize.Result split = new Linearize(List.of(input)).cached(program);
    if (split.outputs().isEmpty()) {
      return Values.zeros(output.with(Values.join(output.shape(), type.shape())));
    }
    List<Tensor> known = Trace.apply(split.known(), tensors);
    List<Tensor> arguments = new ArrayList<>(known.subList(1, known.size()));
    if (type.shape().rank() == 0) {
      arguments.add(Values.ones(type));
      return Trace.apply(split.linear(), arguments).getFirst();
    }
    List<Integer> axes = new ArrayList<>(Collections.nCopies(split.residuals(), Batch.NONE));
    axes.add(0);
    Batch batch = new Batch(axes, List.of(output.shape().rank()), type.shape().size());
    arguments.add(Values.unitVectors(type));
    Tensor columns = Trace.apply(batch.cached(split.linear()).program(), arguments).getFirst();
    return Values.reshape(columns, Values.join(output.shape(), type.shape()));
  }
}
