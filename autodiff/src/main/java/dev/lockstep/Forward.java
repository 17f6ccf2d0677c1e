package dev.lockstep;

/**
 * What the forward part of a {@link Derivatives#customVjp} gives.
 *
 * @param value what the function gives
 * @param residuals a tree of what the backward part needs; null for nothing
 */
public record Forward<R, S>(R value, S residuals) {}
