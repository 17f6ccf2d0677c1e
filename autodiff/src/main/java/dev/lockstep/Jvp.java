package dev.lockstep;

/**
 * What {@link Lockstep#jvp} gives.
 *
 * @param value the function's value
 * @param tangent the derivative of the value in the direction of the tangents
 */
public record Jvp<R>(R value, R tangent) {}
