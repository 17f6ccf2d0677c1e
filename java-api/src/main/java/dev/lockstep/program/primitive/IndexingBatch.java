package dev.lockstep.program.primitive;

import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What the batching rules of {@link Indexing} share. */
final class IndexingBatch {
  private IndexingBatch() {}

  static boolean anyIndexMapped(boolean[] mapped, int indices) {
    for (int i = 1; i <= indices; i++) {
      if (mapped[i]) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns the tensors, each with the batch as axis 0; {@code mapped} starts at {@code offset}.
   */
  static List<Tensor> repeatUnmapped(
      long size, List<Tensor> tensors, boolean[] mapped, int offset) {
    List<Tensor> result = new ArrayList<>(tensors.size());
    for (int i = 0; i < tensors.size(); i++) {
      result.add(mapped[offset + i] ? tensors.get(i) : Rules.repeat(tensors.get(i), size));
    }
    return result;
  }
}
