package dev.lockstep.program.primitive;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Ops that put elements in order. */
public sealed interface Ordering extends Primitive {
  @Override
  default String name() {
    return Names.of(getClass());
  }

  /**
   * Sorts each row along the last axis, stably, NaN last (first if descending). Results: the sorted
   * elements, and as {@code i32} where each stood in its row.
   */
  record Sort(boolean descending) implements Ordering {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType keys = operands.getFirst();
      return List.of(keys, keys.with(DType.I32));
    }

    /** Puts the tangent in the order of the keys. */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      int rank = operands.getFirst().rank();
      List<Tensor> pushed = new ArrayList<>();
      pushed.add(
          Trace.bind(
              new Indexing.Gather(rank - 1, 1, Indexing.Bounds.CLAMP),
              tangents.getFirst(),
              results.get(1)));
      pushed.add(null);
      return pushed;
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return new Batched(Trace.bindAll(this, operands.getFirst()), new boolean[] {true, true});
    }
  }
}
