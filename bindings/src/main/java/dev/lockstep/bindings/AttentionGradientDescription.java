package dev.lockstep.bindings;

/**
 * The gradients of attention by its queries, keys and values ({@code ls_attention_gradient}).
 *
 * @param ct the result's cotangent
 * @param dq null if not wanted, as {@code dk} and {@code dv}
 */
public record AttentionGradientDescription(
    AttentionDescription of, Matrix ct, Matrix dq, Matrix dk, Matrix dv) {}
