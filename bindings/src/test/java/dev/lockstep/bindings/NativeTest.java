package dev.lockstep.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.NativeArgumentException;
import dev.lockstep.error.OutOfNativeMemoryException;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NativeTest {
  @AfterEach
  void restore() {
    Native.setMemoryLimit(0);
    Native.setThreads(0);
  }

  @Test
  void allocatesAlignedMemoryAndCountsIt() {
    long before = Native.memoryStatistics().liveBytes();
    long address = Native.allocate(1000);
    assertThat(address % 64).isZero();
    assertThat(Native.memoryStatistics().liveBytes()).isEqualTo(before + 1000);
    Native.free(address, 1000);
    assertThat(Native.memoryStatistics().liveBytes()).isEqualTo(before);
  }

  @Test
  void givesEmptyBlocksAnAddress() {
    long address = Native.allocate(0);
    assertThat(address).isNotZero();
    Native.free(address, 0);
  }

  @Test
  void copies() {
    long bytes = 8L * 1001;
    long from = Native.allocate(bytes);
    long to = Native.allocate(bytes);
    for (long i = 0; i < 1001; i++) {
      Native.segment(from, bytes).setAtIndex(ValueLayout.JAVA_LONG, i, i * i);
    }
    Native.copy(to, from, bytes);
    assertThat(Native.segment(to, bytes).mismatch(Native.segment(from, bytes))).isEqualTo(-1);
    Native.free(from, bytes);
    Native.free(to, bytes);
  }

  @Test
  void refusesMoreThanTheLimit() {
    long live = Native.memoryStatistics().liveBytes();
    Native.setMemoryLimit(live + 1000);
    assertThatThrownBy(() -> Native.allocate(1001))
        .isInstanceOf(OutOfNativeMemoryException.class)
        .hasMessageContaining("1001");
    assertThat(Native.memoryStatistics().liveBytes()).isEqualTo(live);
  }

  @Test
  void refusesMoreThanTheMachineHas() {
    assertThatThrownBy(() -> Native.allocate(1L << 60))
        .isInstanceOf(OutOfNativeMemoryException.class);
  }

  @Test
  void refusesNegativeSizes() {
    assertThatThrownBy(() -> Native.allocate(-1)).isInstanceOf(NativeArgumentException.class);
  }

  @Test
  void resetsThePeakAndTrims() {
    Native.free(Native.allocate(1 << 20), 1 << 20);
    Native.resetPeak();
    var statistics = Native.memoryStatistics();
    assertThat(statistics.peakBytes()).isEqualTo(statistics.liveBytes());
    Native.trim();
    assertThat(Native.memoryStatistics().pooledBytes())
        .isLessThanOrEqualTo(statistics.pooledBytes());
  }

  @Test
  void setsThreads() {
    Native.setThreads(2);
    assertThat(Native.threads()).isEqualTo(2);
    assertThatThrownBy(() -> Native.setThreads(-1)).isInstanceOf(NativeArgumentException.class);
    assertThatThrownBy(() -> Native.setThreads(257)).isInstanceOf(NativeArgumentException.class);
    assertThat(Native.threads()).isEqualTo(2);
  }

  @Test
  void tellsVersionAndInstructionSet() {
    assertThat(Native.version()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(Native.instructionSet()).matches("x86-64-v[234]");
  }
}
