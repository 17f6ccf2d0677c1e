package dev.lockstep.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.ClosedTensorException;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ArrayTest {
  @Test
  void closesOnceHoweverOftenItIsAsked() {
    long before = liveBlocksOfTensors();
    Tensor tensor = Tensor.of(1f, 2f);
    tensor.close();
    tensor.close();
    assertThat(liveBlocksOfTensors()).isEqualTo(before);
  }

  @Test
  void useAfterCloseNamesOpAndType() {
    Tensor tensor = Tensor.of(1f, 2f, 3f);
    tensor.close();
    assertThatThrownBy(tensor::toFloatArray)
        .isInstanceOf(ClosedTensorException.class)
        .hasMessageStartingWith("toFloatArray: the tensor f32[3] is closed.");
    assertThatThrownBy(((Array) tensor)::acquire).isInstanceOf(ClosedTensorException.class);
    assertThatThrownBy(((Array) tensor)::share).isInstanceOf(ClosedTensorException.class);
    assertThat(tensor).hasToString("Tensor(f32[3], closed)");
  }

  @Test
  void sharedHandlesCloseEachForItself() {
    Array first = (Array) Tensor.of(1f, 2f);
    Array second = first.share();
    assertThat(second.acquire()).isEqualTo(first.acquire());
    first.release();
    second.release();
    first.close();
    assertThat(second.toFloatArray()).containsExactly(1, 2);
    second.close();
    assertThatThrownBy(second::toFloatArray).isInstanceOf(ClosedTensorException.class);
  }

  @Test
  void memoryStaysWhileAcquired() {
    Array array = (Array) Tensor.of(1.0, 2.0);
    long address = array.acquire();
    long held = liveBlocksOfTensors();
    array.close();
    assertThat(liveBlocksOfTensors()).isLessThan(held);
    assertThat(Elements.doubleAt(DType.F64, address, 1)).isEqualTo(2.0);
    array.release();
  }

  @Test
  void literalsTakeNoMemoryUntilSomeoneWantsTheAddress() {
    long before = liveBlocksOfTensors();
    Array literal = (Array) Tensor.scalar(2.5);
    assertThat(literal.isLiteral()).isTrue();
    assertThat(literal.item()).isEqualTo(2.5);
    assertThat(literal).hasToString("2.5");
    assertThat(liveBlocksOfTensors()).isEqualTo(before);

    assertThat(Elements.doubleAt(DType.F64, literal.acquire(), 0)).isEqualTo(2.5);
    literal.release();
    assertThat(liveBlocksOfTensors()).isEqualTo(before + 1);
    literal.close();
    assertThat(liveBlocksOfTensors()).isEqualTo(before);
    assertThatThrownBy(literal::item)
        .isInstanceOf(ClosedTensorException.class)
        .hasMessageStartingWith("item: the tensor f64[] is closed.");
    assertThatThrownBy(literal::acquire).isInstanceOf(ClosedTensorException.class);
  }

  @Test
  void closedLiteralNeverGetsMemory() {
    Array literal = (Array) Tensor.scalar(1);
    literal.close();
    assertThatThrownBy(literal::acquire).isInstanceOf(ClosedTensorException.class);
  }

  @Test
  void zeroSizeHasAnAddress() {
    Array empty = Array.allocate(TensorType.of(DType.F32, 0, 3));
    assertThat(empty.acquire()).isNotZero();
    empty.release();
    empty.close();
  }

  @Test
  void releasingTooOftenIsFound() {
    Array array = (Array) Tensor.of(1f);
    array.close();
    assertThatThrownBy(array::release).isInstanceOf(IllegalStateException.class);
  }

  /**
   * Eight threads read, close and replace each other's arrays. Memory that was freed too early
   * would be reused for another array and show its value.
   */
  @Test
  void neverShowsFreedMemory() throws Exception {
    long before = liveBlocksOfTensors();
    AtomicReferenceArray<Marked> slots = new AtomicReferenceArray<>(16);
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      Callable<Integer> work =
          () -> {
            int read = 0;
            ThreadLocalRandom random = ThreadLocalRandom.current();
            for (int i = 0; i < 20_000; i++) {
              int slot = random.nextInt(slots.length());
              Marked old =
                  random.nextInt(4) == 0
                      ? slots.getAndSet(slot, Marked.create(random.nextInt()))
                      : slots.get(slot);
              if (old != null) {
                read += old.readIfOpen() ? 1 : 0;
                if (random.nextInt(3) == 0) {
                  old.array.close();
                }
              }
            }
            return read;
          };
      int read = 0;
      for (Future<Integer> each :
          threads.invokeAll(IntStream.range(0, 8).mapToObj(_ -> work).toList())) {
        read += each.get();
      }
      assertThat(read).isPositive();
    }
    for (int i = 0; i < slots.length(); i++) {
      slots.set(i, null);
    }
    for (int i = 0; i < 50 && liveBlocksOfTensors() > before; i++) {
      Memory.collect();
    }
    assertThat(liveBlocksOfTensors()).isLessThanOrEqualTo(before);
  }

  private record Marked(int mark, Array array) {
    static Marked create(int mark) {
      int[] elements = new int[64];
      Arrays.fill(elements, mark);
      return new Marked(mark, (Array) Tensor.of(elements));
    }

    boolean readIfOpen() {
      int[] elements;
      try {
        elements = array.toIntArray();
      } catch (ClosedTensorException e) {
        return false;
      }
      assertThat(elements).containsOnly(mark);
      return true;
    }
  }

  private static long liveBlocksOfTensors() {
    long[] count = {0};
    LiveHandles.forEach(_ -> count[0]++);
    return count[0];
  }
}
