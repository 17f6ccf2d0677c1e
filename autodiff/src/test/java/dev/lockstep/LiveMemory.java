package dev.lockstep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.NativeMemory;
import dev.lockstep.tensor.Scope;

/** What calls leave and need in native memory, beside the tensors of other tests. */
final class LiveMemory {
  private LiveMemory() {}

  /**
   * Fails if {@code call}, in a scope of its own, leaves more after {@code runs} runs than before.
   */
  static void assertNothingIsLeft(int runs, Runnable call) {
    inScope(call);
    NativeMemory.collect();
    long before = NativeMemory.statistics().live();
    for (int i = 0; i < runs; i++) {
      inScope(call);
    }
    // Less if something of another test became unreachable meanwhile.
    assertThat(NativeMemory.statistics().live()).isLessThanOrEqualTo(before);
  }

  /**
   * Returns the bytes that {@code call} needs at most, results included, beside what was live
   * before: the largest of three runs, since memory of other tests that is freed meanwhile makes
   * one seem smaller.
   */
  static long peak(Runnable call) {
    inScope(call);
    long peak = 0;
    for (int i = 0; i < 3; i++) {
      NativeMemory.collect();
      NativeMemory.resetPeak();
      long before = NativeMemory.statistics().live();
      inScope(call);
      peak = Math.max(peak, NativeMemory.statistics().peak() - before);
    }
    return peak;
  }

  private static void inScope(Runnable call) {
    try (Scope _ = Scope.open()) {
      call.run();
    }
  }
}
