package dev.lockstep.tensor;

/**
 * Functions of neural networks. All are functions of their arguments alone: parameters, statistics
 * and masks are operands. Activations and {@code softmax} are also methods of {@link Tensor}.
 */
public final class Nn {
  private Nn() {}

  /** Returns {@code conv(x, w, ConvOptions.DEFAULT)}. */
  public static Tensor conv(Tensor x, Tensor w) {
    return conv(x, w, ConvOptions.DEFAULT);
  }

  /**
   * Convolves over 1 to 3 spatial axes, without flipping the kernel, as {@code
   * lax.conv_general_dilated}: {@code y[n, o, p] = Σ x[n, i, p · stride + k · dilation - low] w[o,
   * i, k]}. With channels first: {@code x[n, in, spatial…]}, {@code w[out, in / groups, kernel…]}
   * gives {@code y[n, out, spatial…]}.
   *
   * @throws dev.lockstep.error.ShapeException if ranks, channels or options do not fit
   */
  public static Tensor conv(Tensor x, Tensor w, ConvOptions options) {
    return NnConvolution.conv(x, w, options);
  }

  /**
   * Convolves after spreading {@code x} by the strides (zeros between its elements), as {@code
   * lax.conv_transpose}. With {@code SAME} padding the extents grow by the strides. The kernel has
   * the axes of {@link #conv}.
   *
   * @throws dev.lockstep.error.ShapeException if ranks, channels or options do not fit
   */
  public static Tensor convTranspose(Tensor x, Tensor w, ConvOptions options) {
    return NnConvolution.convTranspose(x, w, options);
  }

  /**
   * Returns the largest element of each window, NaN if one is; padded elements never count. The
   * derivative goes to the first of several largest ones.
   *
   * @throws dev.lockstep.error.ShapeException if {@code x} is not examples, channels and one axis
   *     an entry of the windows
   */
  public static Tensor maxPool(Tensor x, PoolOptions options) {
    return NnPooling.max(x, options);
  }

  /** Returns the smallest element of each window, as {@link #maxPool} the largest. */
  public static Tensor minPool(Tensor x, PoolOptions options) {
    return NnPooling.min(x, options);
  }

  /**
   * Returns the mean of each window. Padded elements count as zeros, as in Flax, unless {@link
   * PoolOptions#withoutCountingPadding}.
   *
   * @throws dev.lockstep.error.ShapeException as {@link #maxPool}
   */
  public static Tensor avgPool(Tensor x, PoolOptions options) {
    return NnPooling.average(x, options);
  }

  /**
   * Normalises along the last axis: {@code (x - mean) / sqrt(variance + epsilon) · scale + bias}.
   *
   * @param scale {@code [n]} for {@code x[…, n]}
   * @param bias {@code [n]}
   * @throws dev.lockstep.error.ShapeException if scale or bias do not fit
   */
  public static Tensor layerNorm(Tensor x, Tensor scale, Tensor bias, double epsilon) {
    return NnNormalisation.layerNorm(x, scale, bias, epsilon);
  }

  /**
   * Divides by the root of the mean square along the last axis: {@code x / sqrt(mean(x²) + epsilon)
   * · scale}.
   *
   * @param scale {@code [n]} for {@code x[…, n]}
   * @throws dev.lockstep.error.ShapeException if scale does not fit
   */
  public static Tensor rmsNorm(Tensor x, Tensor scale, double epsilon) {
    return NnNormalisation.rmsNorm(x, scale, epsilon);
  }

  /**
   * Normalises each channel by its mean and (biased) variance over all other axes, and moves the
   * running statistics: {@code running · momentum + batch · (1 - momentum)}.
   *
   * @param axis the channels' axis; scale, bias and statistics have one entry a channel
   * @throws dev.lockstep.error.ShapeException if one of them has not
   */
  public static BatchNorm batchNorm(
      Tensor x,
      int axis,
      Tensor scale,
      Tensor bias,
      Tensor runningMean,
      Tensor runningVariance,
      double momentum,
      double epsilon) {
    return NnNormalisation.batchNorm(
        x, axis, scale, bias, runningMean, runningVariance, momentum, epsilon);
  }

  /**
   * Normalises each channel by given statistics, as after training.
   *
   * @param axis the channels' axis; scale, bias, mean and variance have one entry a channel
   * @throws dev.lockstep.error.ShapeException if one of them has not
   */
  public static Tensor batchNormInference(
      Tensor x, int axis, Tensor scale, Tensor bias, Tensor mean, Tensor variance, double epsilon) {
    return NnNormalisation.batchNormInference(x, axis, scale, bias, mean, variance, epsilon);
  }

  /**
   * Returns {@code x / (1 - rate)} where {@code keep}, else 0, so that the expectation stays.
   *
   * @param keep bool, true with probability {@code 1 - rate}; broadcasts against {@code x}
   * @throws IllegalArgumentException if the rate is not in {@code [0, 1)}
   */
  public static Tensor dropout(Tensor x, Tensor keep, double rate) {
    return NnNormalisation.dropout(x, keep, rate);
  }

  /**
   * Drops each element with the probability {@code rate}, and divides the others by {@code 1 -
   * rate}: {@code dropout(x, key.bernoulli(1 - rate, shape of x), rate)}.
   *
   * @throws IllegalArgumentException if the rate is not in {@code [0, 1)}
   */
  public static Tensor dropout(Tensor x, Key key, double rate) {
    return NnNormalisation.dropout(x, key, rate);
  }

  /** Returns {@code x.oneHot(count, dtype)}: 1 at each id along a new last axis, else 0. */
  public static Tensor oneHot(Tensor ids, long count, DType dtype) {
    return ids.oneHot(count, dtype);
  }

  /**
   * Returns the rows of a table: {@code y[…, d] = table[ids[…], d]}. The gradient adds up the rows
   * of equal ids.
   *
   * @param table {@code [count, d]}
   * @param ids integers of any shape
   */
  public static Tensor embedding(Tensor table, Tensor ids) {
    return IndexingOps.take("embedding", table, ids, 0);
  }

  /**
   * Returns the cross-entropy of each row of {@code logits[…, classes]}: {@code -log
   * softmax(logits)[label]} for integer labels {@code […]}, {@code -Σ p log softmax(logits)} for
   * probabilities {@code p[…, classes]}. Labels are indices: negative ones count from the end, and
   * those out of range take the nearest class. Where labels mean "no class", select: {@code
   * Tensor.where(labels.greaterEqual(0), Nn.crossEntropy(logits, labels), 0)}.
   *
   * @throws dev.lockstep.error.ShapeException if the labels do not fit the logits
   */
  public static Tensor crossEntropy(Tensor logits, Tensor labels) {
    return NnLosses.crossEntropy(logits, labels);
  }

  /**
   * Returns {@code -y log sigmoid(x) - (1 - y) log(1 - sigmoid(x))} of logits {@code x} and labels
   * or probabilities {@code y}, elementwise.
   */
  public static Tensor sigmoidBinaryCrossEntropy(Tensor logits, Tensor labels) {
    return NnLosses.sigmoidBinaryCrossEntropy(logits, labels);
  }

  /** Returns {@code x.softmax(axis)}. */
  public static Tensor softmax(Tensor x, int axis) {
    return x.softmax(axis);
  }

  /** Returns {@code x.logSoftmax(axis)}. */
  public static Tensor logSoftmax(Tensor x, int axis) {
    return x.logSoftmax(axis);
  }

  /** Returns {@code x.logSumExp(axes)}. */
  public static Tensor logSumExp(Tensor x, int... axes) {
    return x.logSumExp(axes);
  }

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
