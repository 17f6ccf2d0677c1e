package dev.lockstep.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.LockstepException;
import dev.lockstep.error.OutOfNativeMemoryException;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.NativeMemory;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final long MEBI = 1 << 20;
  private static final TensorType ONE_MEBI = TensorType.of(DType.F32, 1 << 18);

  private final long softLimit = NativeMemory.softLimit();
  private final long limit = NativeMemory.limit();

  @AfterEach
  void restoreLimits() {
    NativeMemory.setSoftLimit(softLimit);
    NativeMemory.setLimit(limit);
  }

  @Test
  void unreachableTensorsAreFreed() {
    long before = settledLiveBytes();
    float[] elements = new float[16];
    for (int i = 0; i < 100_000; i++) {
      Tensor.of(elements);
    }
    assertThat(settledLiveBytes(before)).isLessThanOrEqualTo(before);
  }

  @Test
  void unreachableTensorsOfEightThreadsAreFreed() throws Exception {
    long before = settledLiveBytes();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        running.add(
            threads.submit(() -> {
              for (int i = 0; i < 10_000; i++) {
                Tensor dropped = Tensor.of(i, i + 1);
                if (i % 2 == 0) {
                  dropped.close();
                }
              }
            }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    assertThat(settledLiveBytes(before)).isLessThanOrEqualTo(before);
  }

  @Test
  void softLimitCollectsGarbage() {
    long before = settledLiveBytes();
    NativeMemory.setSoftLimit(before + 8 * MEBI);
    NativeMemory.resetPeak();
    for (int i = 0; i < 300; i++) {
      Array.allocate(ONE_MEBI);
    }
    assertThat(NativeMemory.statistics().peak() - before).isLessThan(64 * MEBI);
  }

  @Test
  void softLimitLeavesLiveTensorsAlone() {
    NativeMemory.setSoftLimit(0);
    List<Tensor> kept = IntStream.range(0, 50).mapToObj(i -> Tensor.of(i)).toList();
    for (int i = 0; i < kept.size(); i++) {
      assertThat(kept.get(i).itemLong()).isEqualTo(i);
    }
  }

  @Test
  void limitCollectsGarbageBeforeItRefuses() {
    NativeMemory.setLimit(settledLiveBytes() + 4 * MEBI);
    for (int i = 0; i < 40; i++) {
      Array.allocate(ONE_MEBI);
    }
  }

  @Test
  void outOfMemoryListsTheLargestTensors() {
    List<Tensor> kept = new ArrayList<>();
    for (int i = 1; i <= 12; i++) {
      kept.add(Array.allocate(TensorType.of(DType.F64, i, 1 << 16)));
    }
    NativeMemory.setLimit(settledLiveBytes() + MEBI);
    assertThatThrownBy(() -> Array.allocate(TensorType.of(DType.F32, 1 << 20)))
        .isInstanceOf(OutOfNativeMemoryException.class)
        .hasMessageContaining("The largest:\n  f64[12, 65536] 6.0 MiB\n  f64[11, 65536] 5.5 MiB\n")
        .hasMessageContaining("f64[3, 65536] 1.5 MiB")
        .hasMessageNotContaining("f64[2, 65536]");
    assertThat(kept).hasSize(12);
  }

  @Test
  void oneBlockIsListedOnce() {
    Array array = Array.allocate(TensorType.of(DType.F64, 123, 4567));
    Array shared = array.share();
    assertThat(Memory.report()).containsOnlyOnce("f64[123, 4567]");
    shared.close();
    array.close();
    assertThat(Memory.report()).doesNotContain("f64[123, 4567]");
  }

  @Test
  void retryingRunsAgainAfterCollecting() {
    int[] runs = {0};
    String result =
        Memory.retrying(() -> {
          if (runs[0]++ == 0) {
            throw new OutOfNativeMemoryException("first");
          }
          return "second";
        });
    assertThat(result).isEqualTo("second");
  }

  @Test
  void countsLivePeakAndPooledBytes() {
    long before = settledLiveBytes();
    NativeMemory.resetPeak();
    Tensor large = Array.allocate(TensorType.of(DType.F32, 4 << 20));
    assertThat(NativeMemory.statistics().live()).isGreaterThanOrEqualTo(before + 16 * MEBI);
    large.close();
    assertThat(NativeMemory.statistics().peak()).isGreaterThanOrEqualTo(before + 16 * MEBI);
    assertThat(NativeMemory.statistics().live()).isLessThan(before + 16 * MEBI);
    NativeMemory.trim();
    assertThat(NativeMemory.statistics().pooled()).isLessThan(16 * MEBI);
  }

  @Test
  void limitsFollowFromThePhysicalMemory() {
    assertThat(PhysicalMemory.bytes()).isBetween(64 * MEBI, 1L << 50);
    assertThat(softLimit).isEqualTo(PhysicalMemory.bytes() / 4);
    assertThat(limit).isEqualTo(PhysicalMemory.bytes() / 10 * 8);
  }

  @Test
  void limitsMustNotBeNegative() {
    assertThatThrownBy(() -> NativeMemory.setLimit(-1))
        .isInstanceOf(LockstepException.class)
        .hasMessage("NativeMemory.setLimit: expected a number of bytes, got -1");
  }

  private static long settledLiveBytes() {
    Memory.collect();
    Memory.collect();
    return NativeMemory.statistics().live();
  }

  /** Collects until no more than {@code expected} bytes are live, or for a while. */
  private static long settledLiveBytes(long expected) {
    long live = settledLiveBytes();
    for (int i = 0; i < 50 && live > expected; i++) {
      live = settledLiveBytes();
    }
    return live;
  }
}
