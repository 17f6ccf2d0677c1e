package dev.lockstep.tensor;

import java.util.List;
import java.util.stream.LongStream;

/**
 * What a convolution does besides its operands: {@code ConvOptions.DEFAULT.strides(2,
 * 2).padding(Padding.SAME)}. A list has one entry a spatial axis; an empty one means 1 everywhere.
 *
 * @param strides how far the kernel moves; of a transposed convolution how far it spreads
 * @param dilation the distance of the kernel's elements
 * @param groups into how many parts channels are split, which do not mix
 */
public record ConvOptions(
    Layout layout, List<Long> strides, Padding padding, List<Long> dilation, long groups) {
  /** Channels first, stride 1, no padding, no dilation, one group. */
  public static final ConvOptions DEFAULT =
      new ConvOptions(Layout.CHANNELS_FIRST, List.of(), Padding.VALID, List.of(), 1);

  /** Copies the lists. */
  public ConvOptions {
    strides = List.copyOf(strides);
    dilation = List.copyOf(dilation);
  }

  /** Returns these options with another layout. */
  public ConvOptions layout(Layout other) {
    return new ConvOptions(other, strides, padding, dilation, groups);
  }

  /** Returns these options with other strides, one a spatial axis. */
  public ConvOptions strides(long... other) {
    return new ConvOptions(layout, list(other), padding, dilation, groups);
  }

  /** Returns these options with another padding. */
  public ConvOptions padding(Padding other) {
    return new ConvOptions(layout, strides, other, dilation, groups);
  }

  /** Returns these options with the kernel's elements so far apart, one entry a spatial axis. */
  public ConvOptions dilation(long... other) {
    return new ConvOptions(layout, strides, padding, list(other), groups);
  }

  /** Returns these options with another number of groups. */
  public ConvOptions groups(long other) {
    return new ConvOptions(layout, strides, padding, dilation, other);
  }

  private static List<Long> list(long... values) {
    return LongStream.of(values).boxed().toList();
  }
}
