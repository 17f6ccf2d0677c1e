package dev.lockstep.runtime;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.lockstep.bindings.Native;
import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/** Moves elements between Java and the memory of arrays. Addresses must be acquired. */
public final class Elements {
  /** All of the address space: an address is an offset in it. */
  private static final MemorySegment ALL = Native.segment(0, Long.MAX_VALUE);

  private Elements() {}

  /** Returns a new array whose elements {@code fill} writes, given the address. */
  public static Array create(TensorType type, LongConsumer fill) {
    long address = Memory.allocate(type);
    try {
      fill.accept(address);
    } catch (RuntimeException | Error e) {
      Native.free(address, type.bytes());
      throw e;
    }
    return Array.adopt(type, address);
  }

  /** Returns what {@code body} makes of the array, given its address. */
  public static <R> R read(Array array, String op, LongFunction<R> body) {
    long address = array.acquire(op);
    try {
      return body.apply(address);
    } finally {
      array.release();
    }
  }

  /** Returns the bytes of the first element, lowest first. A literal needs no memory for that. */
  public static long firstBits(Array array, String op) {
    if (array.isLiteral()) {
      return array.literalBits();
    }
    DType dtype = array.type().dtype();
    return read(
        array,
        op,
        address ->
            switch (dtype) {
              case BOOL, I32, I64 -> longAt(dtype, address, 0);
              case F32 -> (long) ALL.get(JAVA_INT, address);
              case F64 -> ALL.get(JAVA_LONG, address);
              case BF16 -> (long) ALL.get(JAVA_SHORT, address);
            });
  }

  /** Writes a Java array of primitives from {@code address} on. */
  public static void write(Object from, long address) {
    switch (from) {
      case float[] a -> MemorySegment.copy(a, 0, ALL, JAVA_FLOAT, address, a.length);
      case double[] a -> MemorySegment.copy(a, 0, ALL, JAVA_DOUBLE, address, a.length);
      case int[] a -> MemorySegment.copy(a, 0, ALL, JAVA_INT, address, a.length);
      case long[] a -> MemorySegment.copy(a, 0, ALL, JAVA_LONG, address, a.length);
      case short[] a -> MemorySegment.copy(a, 0, ALL, JAVA_SHORT, address, a.length);
      case boolean[] a -> {
        for (int i = 0; i < a.length; i++) {
          ALL.set(JAVA_BYTE, address + i, a[i] ? (byte) 1 : (byte) 0);
        }
      }
      default -> throw new IllegalArgumentException("no array of elements: " + from.getClass());
    }
  }

  /** Fills a Java array of primitives with what stands from {@code address} on. */
  public static void read(long address, Object to) {
    switch (to) {
      case float[] a -> MemorySegment.copy(ALL, JAVA_FLOAT, address, a, 0, a.length);
      case double[] a -> MemorySegment.copy(ALL, JAVA_DOUBLE, address, a, 0, a.length);
      case int[] a -> MemorySegment.copy(ALL, JAVA_INT, address, a, 0, a.length);
      case long[] a -> MemorySegment.copy(ALL, JAVA_LONG, address, a, 0, a.length);
      case short[] a -> MemorySegment.copy(ALL, JAVA_SHORT, address, a, 0, a.length);
      case boolean[] a -> {
        for (int i = 0; i < a.length; i++) {
          a[i] = ALL.get(JAVA_BYTE, address + i) != 0;
        }
      }
      default -> throw new IllegalArgumentException("no array of elements: " + to.getClass());
    }
  }

  /** Returns the element at {@code index}, which is rounded if it is an i64 above 2^53. */
  public static double doubleAt(DType dtype, long address, long index) {
    return switch (dtype) {
      case F32 -> ALL.get(JAVA_FLOAT, address + 4 * index);
      case F64 -> ALL.get(JAVA_DOUBLE, address + 8 * index);
      case BF16 -> BFloat16.toFloat(ALL.get(JAVA_SHORT, address + 2 * index));
      case BOOL, I32, I64 -> longAt(dtype, address, index);
    };
  }

  /** Returns the element at {@code index} of an array of integers or bool. */
  public static long longAt(DType dtype, long address, long index) {
    return switch (dtype) {
      case BOOL -> ALL.get(JAVA_BYTE, address + index);
      case I32 -> ALL.get(JAVA_INT, address + 4 * index);
      case I64 -> ALL.get(JAVA_LONG, address + 8 * index);
      case F32, F64, BF16 -> throw new IllegalArgumentException("no integers: " + dtype);
    };
  }

  /** Writes one element, given by its bytes, lowest first. */
  static void writeBits(DType dtype, long address, long bits) {
    switch (dtype) {
      case BOOL -> ALL.set(JAVA_BYTE, address, (byte) bits);
      case I32, F32 -> ALL.set(JAVA_INT, address, (int) bits);
      case I64, F64 -> ALL.set(JAVA_LONG, address, bits);
      case BF16 -> ALL.set(JAVA_SHORT, address, (short) bits);
    }
  }
}
