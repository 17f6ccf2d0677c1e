package dev.lockstep.tensor;

/** Ops of neural networks. */
public final class Nn {
  private Nn() {}

  /**
   * Returns attention with a scale of {@code 1 / sqrt(d)}: {@code softmax(q kᵀ / sqrt(d)) v},
   * softmax over the keys. The scores are never in memory as a whole, neither here nor in the
   * derivatives.
   *
   * <pre>{@code
   * Tensor y = Nn.attention(q, k, v); // f32[8, 12, 128, 64]
   * }</pre>
   *
   * @param q the queries {@code [..., heads, queries, d]}; leading axes may be any, or none, and
   *     broadcast
   * @param k the keys {@code [..., heads, keys, d]}; the queries' heads may be a multiple of these:
   *     as many neighbours then share a head
   * @param v the values {@code [..., heads, keys, e]}
   * @return {@code [..., heads, queries, e]}
   * @throws dev.lockstep.error.ShapeException if the shapes do not fit, or there are no keys
   * @throws dev.lockstep.error.DTypeException if the operands are not floating
   */
  public static Tensor attention(Tensor q, Tensor k, Tensor v) {
    return AttentionOps.attention(q, k, v, AttentionOptions.defaults());
  }

  /**
   * As {@link #attention(Tensor, Tensor, Tensor)}, with a scale, a mask, or causal. A query that
   * sees no key gets the mean of all values, as in JAX; one whose scores are all -inf gets NaN.
   *
   * <pre>{@code
   * Tensor y = Nn.attention(q, k, v, AttentionOptions.causal());
   * }</pre>
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not fit, or there are no keys
   * @throws dev.lockstep.error.DTypeException if the operands are not floating
   */
  public static Tensor attention(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
    return AttentionOps.attention(q, k, v, options);
  }
}
