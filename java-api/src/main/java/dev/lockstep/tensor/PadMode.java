package dev.lockstep.tensor;

/** What {@link Tensor#pad(long[], long[], PadMode)} puts around a tensor. */
public enum PadMode {
  /** The element at the end: {@code a a | a b c | c c}. */
  EDGE,
  /** The elements mirrored at the end, without it: {@code c b | a b c | b a}. */
  REFLECT,
  /** The elements mirrored at the end, with it: {@code b a | a b c | c b}. */
  SYMMETRIC,
  /** The elements from the other end: {@code b c | a b c | a b}. */
  WRAP
}
