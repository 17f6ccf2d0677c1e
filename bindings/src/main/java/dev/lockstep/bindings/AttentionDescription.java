package dev.lockstep.bindings;

/**
 * Attention over a batch of matrices ({@code ls_attention}).
 *
 * @param dtype of all matrices but the mask
 * @param mask null if there is none
 * @param maskDtype {@code bool}, or {@code dtype}
 * @param to null in an {@link AttentionGradientDescription}
 */
public record AttentionDescription(
    int dtype,
    long[] batch,
    long queries,
    long keys,
    long dimension,
    long valueDimension,
    double scale,
    boolean causal,
    Matrix q,
    Matrix k,
    Matrix v,
    Matrix mask,
    int maskDtype,
    Matrix to) {}
