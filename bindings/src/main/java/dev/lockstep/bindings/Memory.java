package dev.lockstep.bindings;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** Longs at native addresses. */
final class Memory {
  /** All of memory as one constant segment: the JIT then emits plain loads and stores. */
  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Memory() {}

  static long get(long address) {
    return ALL.get(JAVA_LONG, address);
  }

  static void set(long address, long value) {
    ALL.set(JAVA_LONG, address, value);
  }
}
