package dev.lockstep;

import dev.lockstep.tensor.Fn;

/**
 * What {@link Lockstep#vjp} gives.
 *
 * @param value the function's value
 * @param pullback from a cotangent of the value to the cotangents of the arguments; may be called
 *     any number of times
 */
public record Vjp<R, P>(R value, Fn<R, P> pullback) {}
