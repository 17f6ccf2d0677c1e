package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * All unit vectors of a type, as a linear program's last input.
 *
 * @param type the type of the vectors, of rank 1 or more
 * @param chunk how many run together, or {@link #ALL}
 */
record UnitVectors(TensorType type, long chunk) {
  /** No chunks. */
  static final long ALL = -1;

  /** Returns the results for all unit vectors, along a new axis {@code out} of each. */
  List<Tensor> through(Program linear, List<Tensor> residuals, List<Integer> out) {
    long size = type.shape().size();
    boolean whole = chunk == ALL || size <= chunk;
    List<Integer> axes = new ArrayList<>(Collections.nCopies(residuals.size(), Batch.NONE));
    axes.add(0);
    Batch batch = new Batch(axes, out, whole ? size : chunk);
    List<Tensor> arguments = new ArrayList<>(residuals);
    if (whole) {
      arguments.add(Values.unitVectors(type));
      return Trace.apply(batch.cached(linear).program(), arguments);
    }
    arguments.add(Trace.bind(new Structural.Iota(TensorType.of(DType.I32, size), 0)));
    return new Chunks(batch, size).apply(ofIndex(linear), arguments);
  }

  /** Returns the program that takes the unit vector's index, so that no basis is kept. */
  private Program ofIndex(Program linear) {
    List<TensorType> types = new ArrayList<>(Programs.types(linear.inputs()));
    types.set(types.size() - 1, TensorType.of(DType.I32));
    return Trace.program(
        "chunk",
        types,
        inputs -> {
          List<Tensor> arguments = new ArrayList<>(inputs);
          arguments.set(inputs.size() - 1, Values.unitVector(type, inputs.getLast()));
          return Trace.apply(linear, arguments);
        });
  }
}
