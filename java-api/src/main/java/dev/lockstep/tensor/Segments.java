package dev.lockstep.tensor;

import dev.lockstep.error.ClosedTensorException;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.runtime.Array;
import java.lang.foreign.MemorySegment;

/** Tensors over the user's native memory. */
final class Segments {
  private Segments() {}

  static Array tensor(MemorySegment segment, TensorType type) {
    if (!segment.isNative()) {
      throw new DTypeException(
          "Tensor.of: the segment for %s is on the Java heap, where native code cannot read it. Use"
                  .formatted(type)
              + " Tensor.of(array, shape), which copies, or a segment of an Arena.");
    }
    if (!segment.scope().isAlive()) {
      throw new ClosedTensorException(
          "Tensor.of: the arena of the segment for %s is closed.".formatted(type));
    }
    if (segment.byteSize() != type.bytes()) {
      throw new ShapeException(
          "Tensor.of: expected a segment of %d bytes for %s, got %d. Use segment.asSlice."
              .formatted(type.bytes(), type, segment.byteSize()));
    }
    int alignment = type.dtype().bytes();
    if (segment.address() % alignment != 0) {
      throw new DTypeException(
          ("Tensor.of: expected an address aligned to %d bytes for %s, got 0x%x. Allocate with"
                  + " arena.allocate(bytes, 64).")
              .formatted(alignment, type, segment.address()));
    }
    return Array.view(type, segment);
  }
}
