package dev.lockstep;

/**
 * What {@link Control#scan} gives.
 *
 * @param carry the last step's carry
 * @param ys a tree like a step's {@code y}, its tensors with all steps along a new axis 0
 */
public record Scanned<C, Y>(C carry, Y ys) {}
