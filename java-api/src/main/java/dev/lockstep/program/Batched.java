package dev.lockstep.program;

import dev.lockstep.tensor.Tensor;
import java.util.List;

/**
 * What a batching rule returns: the results, and for each whether it has the batch axis (always
 * axis 0) or is the same for all examples.
 */
public record Batched(List<Tensor> results, boolean[] mapped) {
  /** Returns one result that has the batch axis. */
  public static Batched of(Tensor result) {
    return new Batched(List.of(result), new boolean[] {true});
  }
}
