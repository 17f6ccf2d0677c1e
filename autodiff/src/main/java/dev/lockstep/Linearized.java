package dev.lockstep;

/**
 * What {@link Lockstep#linearize} gives.
 *
 * @param value the function's value
 * @param linear from tangents of the arguments to the tangent of the value; may be called any
 *     number of times, and evaluates only what depends on the tangents
 */
public record Linearized<R, F>(R value, F linear) {}
