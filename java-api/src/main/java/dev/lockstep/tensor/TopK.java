package dev.lockstep.tensor;

/**
 * The largest elements along an axis, largest first, and as i32 where each stood.
 *
 * @param values the elements
 * @param indices their positions along the axis
 */
public record TopK(Tensor values, Tensor indices) {}
