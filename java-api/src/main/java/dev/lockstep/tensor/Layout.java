package dev.lockstep.tensor;

/** Where the channels of images (or of sequences, or volumes) stand. */
public enum Layout {
  /**
   * {@code [examples, channels, spatial…]}, NCHW; kernels {@code [out, in / groups, kernel…]},
   * OIHW.
   */
  CHANNELS_FIRST,
  /**
   * {@code [examples, spatial…, channels]}, NHWC; kernels {@code [kernel…, in / groups, out]},
   * HWIO.
   */
  CHANNELS_LAST;

  /** Returns the axis of the channels in tensors of this rank. */
  int channels(int rank) {
    return this == CHANNELS_FIRST ? 1 : rank - 1;
  }

  /** Returns the first spatial axis. */
  int firstSpatial() {
    return this == CHANNELS_FIRST ? 2 : 1;
  }
}
