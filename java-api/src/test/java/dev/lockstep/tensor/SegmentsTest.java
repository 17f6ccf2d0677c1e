package dev.lockstep.tensor;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.ClosedTensorException;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SegmentsTest {
  @Test
  void laterWritesShow() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocateFrom(JAVA_FLOAT, 1, 2, 3, 4);
      Tensor tensor = Tensor.of(segment, DType.F32, Shape.of(2, 2));
      assertThat(tensor).hasToString("[[1. 2.]\n [3. 4.]]");
      segment.setAtIndex(JAVA_FLOAT, 3, -4);
      assertThat(tensor.toFloatArray()).containsExactly(1, 2, 3, -4);
    }
  }

  @Test
  void closeLeavesTheSegmentToItsArena() {
    long bytes = 16 << 20;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(bytes, 64);
      Tensor tensor = Tensor.of(segment, DType.F32, Shape.of(bytes / 4));
      NativeMemory.collect();
      long live = NativeMemory.statistics().live();
      tensor.close();
      // Tensors of other tests may be freed meanwhile, but not as many bytes.
      assertThat(NativeMemory.statistics().live()).isBetween(live - bytes / 2, live);
      segment.setAtIndex(JAVA_FLOAT, bytes / 4 - 1, 1);
    }
  }

  @Test
  void opsReadTheSegment() {
    try (Arena arena = Arena.ofConfined()) {
      Tensor tensor = Tensor.of(arena.allocateFrom(JAVA_INT, 1, 2), DType.I32, Shape.of(2));
      assertThat(tensor.add(tensor).toIntArray()).containsExactly(2, 4);
    }
  }

  @Test
  void closedArenaIsAnError() {
    Tensor tensor;
    try (Arena arena = Arena.ofShared()) {
      tensor = Tensor.of(arena.allocate(8, 8), DType.F64, Shape.of(1));
    }
    assertThatThrownBy(tensor::toDoubleArray)
        .isInstanceOf(ClosedTensorException.class)
        .hasMessageStartingWith(
            "toDoubleArray: the arena that holds the memory of the tensor f64[1] is closed.");
    assertThatThrownBy(tensor::exp)
        .isInstanceOf(ClosedTensorException.class)
        .hasMessageStartingWith("exp: the arena that holds");
    tensor.close();
  }

  @Test
  void closedArenaIsRefused() {
    MemorySegment segment;
    try (Arena arena = Arena.ofConfined()) {
      segment = arena.allocate(8, 8);
    }
    assertThatThrownBy(() -> Tensor.of(segment, DType.F64, Shape.of(1)))
        .isInstanceOf(ClosedTensorException.class);
  }

  @Test
  void confinedArenaServesItsThreadOnly() {
    try (Arena arena = Arena.ofConfined()) {
      Tensor tensor = Tensor.of(arena.allocate(8, 8), DType.F64, Shape.of(1));
      assertThatThrownBy(() -> CompletableFuture.supplyAsync(tensor::item).join())
          .cause()
          .isInstanceOf(ClosedTensorException.class)
          .hasMessageContaining("belongs to the confined arena of another thread");
      assertThat(tensor.item()).isZero();
    }
  }

  @Test
  void keepsTheSegmentReachable() {
    Arena arena = Arena.ofAuto();
    WeakReference<Arena> reference = new WeakReference<>(arena);
    Tensor tensor = Tensor.of(arena.allocateFrom(JAVA_INT, 5, 6), DType.I32, Shape.of(2));
    arena = null;
    for (int i = 0; i < 3; i++) {
      NativeMemory.collect();
    }
    assertThat(reference).satisfies(r -> assertThat(tensor.toIntArray()).containsExactly(5, 6));
  }

  @Test
  void heapSegmentsAreRefused() {
    assertThatThrownBy(() -> Tensor.of(MemorySegment.ofArray(new float[2]), DType.F32, Shape.of(2)))
        .isInstanceOf(DTypeException.class)
        .hasMessageStartingWith("Tensor.of: the segment for f32[2] is on the Java heap")
        .hasMessageContaining("Use Tensor.of(array, shape), which copies");
  }

  @Test
  void sizeMustFit() {
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> Tensor.of(arena.allocate(12, 4), DType.F32, Shape.of(2)))
          .isInstanceOf(ShapeException.class)
          .hasMessage(
              "Tensor.of: expected a segment of 8 bytes for f32[2], got 12. Use segment.asSlice.");
    }
  }

  @Test
  void addressMustBeAligned() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(16, 8).asSlice(2, 8);
      assertThatThrownBy(() -> Tensor.of(segment, DType.F32, Shape.of(2)))
          .isInstanceOf(DTypeException.class)
          .hasMessageStartingWith(
              "Tensor.of: expected an address aligned to 4 bytes for f32[2], got 0x");
    }
  }

  @Test
  void zeroSize() {
    try (Arena arena = Arena.ofConfined()) {
      Tensor tensor = Tensor.of(arena.allocate(0, 8), DType.F32, Shape.of(0, 3));
      assertThat(tensor).hasToString("[]");
    }
  }
}
