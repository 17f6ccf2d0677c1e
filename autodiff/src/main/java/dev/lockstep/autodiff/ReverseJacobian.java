package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Makes the program of one output one of its Jacobians, row by row: the linear part backwards,
 * batched over the unit vectors of the output. The shape is the output's followed by the input's.
 *
 * @param inputs the inputs to differentiate with respect to, in ascending order
 * @param chunk how many rows are computed together, or {@link UnitVectors#ALL}
 */
record ReverseJacobian(List<Integer> inputs, long chunk) implements Transform<Program> {
  /** All rows together. */
  ReverseJacobian(List<Integer> inputs) {
    this(inputs, UnitVectors.ALL);
  }

  @Override
  public Program of(Program program) {
    Linearize.Result split = new Linearize(inputs).cached(program);
    return Trace.program(
        "jacrev", Programs.types(program.inputs()), tensors -> jacobians(program, split, tensors));
  }

  private List<Tensor> jacobians(Program program, Linearize.Result split, List<Tensor> tensors) {
    TensorType output = program.outputs().getFirst().type();
    List<Tensor> known = Trace.apply(split.known(), tensors);
    List<Tensor> residuals = known.subList(1, known.size());
    if (split.outputs().isEmpty() || output.shape().rank() == 0) {
      List<Tensor> cotangents =
          split.outputs().isEmpty() ? List.of() : List.of(Values.ones(output));
      List<Tensor> gradients = Transpose.backward(split.linear(), residuals, cotangents);
      return shape(gradients, program, output, split.outputs().isEmpty());
    }
    Program backward = new Transpose(split.residuals()).cached(split.linear());
    List<Tensor> rows =
        new UnitVectors(output, chunk)
            .through(backward, residuals, Collections.nCopies(inputs.size(), 0));
    return shape(rows, program, output, false);
  }

  private List<Tensor> shape(List<Tensor> rows, Program program, TensorType output, boolean zero) {
    List<Tensor> jacobians = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      TensorType input = program.inputs().get(inputs.get(i)).type();
      var shape = Values.join(output.shape(), input.shape());
      jacobians.add(zero ? Values.zeros(input.with(shape)) : Values.reshape(rows.get(i), shape));
    }
    return jacobians;
  }
}
