package dev.lockstep.tensor;

import java.util.List;
import java.util.stream.LongStream;

/**
 * The windows of a pooling: {@code PoolOptions.of(3, 3).strides(2, 2)}. A list has one entry a
 * spatial axis; empty strides mean 1 everywhere.
 *
 * @param window the windows' extents
 * @param countPadding whether averages count padded elements, as zeros
 */
public record PoolOptions(
    Layout layout, List<Long> window, List<Long> strides, Padding padding, boolean countPadding) {
  /** Copies the lists. */
  public PoolOptions {
    window = List.copyOf(window);
    strides = List.copyOf(strides);
  }

  /**
   * Returns options for windows of these extents: channels first, stride 1, no padding; averages
   * count padded elements.
   */
  public static PoolOptions of(long... window) {
    return new PoolOptions(Layout.CHANNELS_FIRST, list(window), List.of(), Padding.VALID, true);
  }

  /** Returns these options with another layout. */
  public PoolOptions layout(Layout other) {
    return new PoolOptions(other, window, strides, padding, countPadding);
  }

  /** Returns these options with other strides, one a spatial axis. */
  public PoolOptions strides(long... other) {
    return new PoolOptions(layout, window, list(other), padding, countPadding);
  }

  /** Returns these options with another padding. */
  public PoolOptions padding(Padding other) {
    return new PoolOptions(layout, window, strides, other, countPadding);
  }

  /** Returns these options with averages over a window's elements of the operand only. */
  public PoolOptions withoutCountingPadding() {
    return new PoolOptions(layout, window, strides, padding, false);
  }

  private static List<Long> list(long... values) {
    return LongStream.of(values).boxed().toList();
  }
}
