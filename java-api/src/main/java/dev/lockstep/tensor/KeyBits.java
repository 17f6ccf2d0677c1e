package dev.lockstep.tensor;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.RandomBits;
import dev.lockstep.program.primitive.RandomBits.Counters;
import dev.lockstep.program.primitive.Structural.Full;

/**
 * Bits of keys, and what is made of them exactly: further keys, numbers in {@code [0, 1)}.
 *
 * <p>Keys are {@code i32[…, 2]} here; each key of the leading axes has results of its own, along
 * the same axes. To be called while a trace is current.
 */
final class KeyBits {
  private KeyBits() {}

  /** Returns {@code dtype[…, shape]}: numbers of 32 or 64 random bits. */
  static Tensor bits(Tensor keys, Key.Mode mode, DType dtype, Shape shape) {
    Shape batch = keys.shape().remove(keys.rank() - 1);
    Tensor zero = Trace.bind(new Full(new TensorType(DType.I64, batch), 0L));
    return threefry(keys, zero, counters(mode), dtype, shape);
  }

  private static Tensor threefry(
      Tensor keys, Tensor starts, Counters counters, DType dtype, Shape shape) {
    return Trace.bind(new RandomBits.Threefry(shape, dtype, counters), keys, starts);
  }

  private static Counters counters(Key.Mode mode) {
    return switch (mode) {
      case PARTITIONABLE -> Counters.WIDE;
      case ORIGINAL -> Counters.HALVES;
    };
  }

  /** Returns {@code i32[…, count, 2]}: further keys of each key. */
  static Tensor split(Tensor keys, Key.Mode mode, long count) {
    return switch (mode) {
      case PARTITIONABLE -> words(bits(keys, mode, DType.I64, Shape.of(count)));
      case ORIGINAL -> bits(keys, mode, DType.I32, Shape.of(count, 2));
    };
  }

  /** Returns one of the keys that {@link #split} made of each key, {@code i32[…, 2]}. */
  static Tensor child(Tensor children, long index) {
    int axis = children.rank() - 2;
    long[] start = new long[children.rank()];
    long[] limit = children.shape().extents();
    start[axis] = index;
    limit[axis] = index + 1;
    return children.slice(start, limit).squeeze(axis);
  }

  /** Returns the key at a counter; in both modes it is made of the 64 bits there. */
  static Tensor foldIn(Tensor key, Tensor counter) {
    return words(threefry(key, counter, Counters.WIDE, DType.I64, Shape.of()));
  }

  /** Returns {@code i32[…, 2]}: the high and the low word of each number. */
  private static Tensor words(Tensor bits) {
    Tensor high = bits.shiftRightLogical(whole(bits, 32)).cast(DType.I32);
    return Tensor.stack(bits.rank(), high, bits.cast(DType.I32));
  }

  /**
   * Returns {@code dtype[…, shape]} in {@code [0, 1)}: multiples of 2<sup>-23</sup> in f32, of
   * 2<sup>-52</sup> in f64. Both steps are exact.
   */
  static Tensor unit(Tensor keys, Key.Mode mode, DType dtype, Shape shape) {
    boolean single = dtype == DType.F32;
    Tensor bits = bits(keys, mode, single ? DType.I32 : DType.I64, shape);
    Tensor mantissa = bits.shiftRightLogical(whole(bits, single ? 9 : 12)).cast(dtype);
    return mantissa.mul(like(mantissa, single ? 0x1p-23 : 0x1p-52));
  }

  /** Returns a constant with the floating type of {@code x}. */
  static Tensor like(Tensor x, double value) {
    return Trace.bind(new Full(x.type(), value));
  }

  /** Returns a constant with the integer type of {@code x}. */
  static Tensor whole(Tensor x, long value) {
    return Trace.bind(new Full(x.type(), value));
  }
}
