package dev.lockstep.program;

import dev.lockstep.program.primitive.Collective;
import dev.lockstep.program.primitive.Contraction;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.program.primitive.Cumulative;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.program.primitive.LinearAlgebra;
import dev.lockstep.program.primitive.Ordering;
import dev.lockstep.program.primitive.RandomBits;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/**
 * An op that programs are made of: a record whose components are its static parameters, with all of
 * its rules. Primitives neither broadcast nor promote: the {@link Tensor} methods insert what is
 * needed. Rules are written with Tensor methods; they run inside a trace, so what they compute
 * becomes equations.
 */
public sealed interface Primitive
    permits Elementwise,
        Reduction,
        Structural,
        Contraction,
        Indexing,
        Ordering,
        Cumulative,
        RandomBits,
        LinearAlgebra,
        ControlFlow,
        Collective {
  /** Returns the name that programs and error messages print: {@code dot_general}. */
  String name();

  /**
   * Returns the types of the results.
   *
   * @throws dev.lockstep.error.LockstepException if the operands do not fit
   */
  List<TensorType> infer(List<TensorType> operands);

  /**
   * Returns the tangents of the results, linear in the operands' tangents.
   *
   * @param tangents one an operand, null for zero; not all are null
   * @param results what the primitive gave for these operands
   * @return one a result, null for zero
   */
  List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results);

  /**
   * Applies the primitive to a batch.
   *
   * @param size the number of examples; may be 0
   * @param operands mapped ones have the batch as axis 0
   * @param mapped whether each operand is mapped; at least one is
   */
  Batched batch(long size, List<Tensor> operands, boolean[] mapped);

  /**
   * Results and their tangents.
   *
   * @param tangents one a result, null for zero
   */
  record Pushed(List<Tensor> results, List<Tensor> tangents) {}

  /**
   * Applies the primitive to operands with tangents. Primitives whose tangents need more than the
   * results compute both here.
   *
   * @param tangents one an operand, null for zero; not all are null
   */
  default Pushed push(List<Tensor> operands, List<Tensor> tangents) {
    List<Tensor> results = Trace.bindAll(this, operands.toArray(Tensor[]::new));
    return new Pushed(results, jvp(operands, tangents, results));
  }
}
