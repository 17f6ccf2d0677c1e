package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the program of a scalar one program of its gradient: the known part and the linear part
 * backwards, in one piece, so that it compiles to one plan.
 *
 * @param inputs the inputs to differentiate with respect to, in ascending order
 * @param withValue whether the scalar itself stands before the gradients
 */
record Gradient(List<Integer> inputs, boolean withValue) implements Transform<Program> {
  @Override
  public Program of(Program scalar) {
    Linearize.Result split = new Linearize(inputs).cached(scalar);
    return Trace.program(
        "grad",
        Programs.types(scalar.inputs()),
        tensors -> {
          List<Tensor> known = Trace.apply(split.known(), tensors);
          List<Tensor> cotangents =
              split.outputs().isEmpty()
                  ? List.of()
                  : List.of(Values.ones(scalar.outputs().getFirst().type()));
          List<Tensor> results = new ArrayList<>(inputs.size() + 1);
          if (withValue) {
            results.add(known.getFirst());
          }
          results.addAll(
              Transpose.backward(split.linear(), known.subList(1, known.size()), cotangents));
          return results;
        });
  }
}
