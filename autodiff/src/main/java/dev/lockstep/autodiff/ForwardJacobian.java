package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the program of one output one of its Jacobians, column by column: the linear part, batched
 * over the unit vectors of each input. The shape is the output's followed by the input's.
 *
 * @param inputs the inputs to differentiate with respect to, in ascending order
 * @param chunk how many columns are computed together, or {@link UnitVectors#ALL}
 */
record ForwardJacobian(List<Integer> inputs, long chunk) implements Transform<Program> {
  /** All columns together. */
  ForwardJacobian(List<Integer> inputs) {
    this(inputs, UnitVectors.ALL);
  }

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

  private Tensor jacobian(Program program, int input, List<Tensor> tensors) {
    TensorType output = program.outputs().getFirst().type();
    TensorType type = program.inputs().get(input).type();
    Linearize.Result split = new Linearize(List.of(input)).cached(program);
    if (split.outputs().isEmpty()) {
      return Values.zeros(output.with(Values.join(output.shape(), type.shape())));
    }
    List<Tensor> known = Trace.apply(split.known(), tensors);
    List<Tensor> residuals = known.subList(1, known.size());
    if (type.shape().rank() == 0) {
      List<Tensor> arguments = new ArrayList<>(residuals);
      arguments.add(Values.ones(type));
      return Trace.apply(split.linear(), arguments).getFirst();
    }
    Tensor columns =
        new UnitVectors(type, chunk)
            .through(split.linear(), residuals, List.of(output.shape().rank()))
            .getFirst();
    return Values.reshape(columns, Values.join(output.shape(), type.shape()));
  }
}
