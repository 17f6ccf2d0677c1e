package dev.lockstep.tensor;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What {@link Nn#attention(Tensor, Tensor, Tensor, AttentionOptions)} may be told: {@code
 * AttentionOptions.causal().withScale(0.1)}.
 *
 * @param scale the factor of the scores; absent: {@code 1 / sqrt(d)}
 * @param isCausal whether a query sees no key after its own place: key j only if {@code j <= i}
 * @param mask bool (true where a key is seen) or floating (added to the scores); broadcasts to
 *     {@code [..., heads, queries, keys]}
 */
public record AttentionOptions(OptionalDouble scale, boolean isCausal, Optional<Tensor> mask) {
  private static final AttentionOptions DEFAULTS =
      new AttentionOptions(OptionalDouble.empty(), false, Optional.empty());

  /** Returns the options that {@link Nn#attention(Tensor, Tensor, Tensor)} has. */
  public static AttentionOptions defaults() {
    return DEFAULTS;
  }

  /** Returns the options of attention that does not look ahead. */
  public static AttentionOptions causal() {
    return DEFAULTS.withCausal(true);
  }

  /** Returns the options of attention with a mask. */
  public static AttentionOptions masked(Tensor mask) {
    return DEFAULTS.withMask(mask);
  }

  /** Returns these options with another scale. */
  public AttentionOptions withScale(double factor) {
    return new AttentionOptions(OptionalDouble.of(factor), isCausal, mask);
  }

  /** Returns these options, causal or not. */
  public AttentionOptions withCausal(boolean value) {
    return new AttentionOptions(scale, value, mask);
  }

  /** Returns these options with another mask. */
  public AttentionOptions withMask(Tensor tensor) {
    return new AttentionOptions(scale, isCausal, Optional.of(tensor));
  }
}
