package dev.lockstep;

import dev.lockstep.tensor.Tensor;

/**
 * What {@link Lockstep#valueAndGrad} gives.
 *
 * @param value the function's scalar value
 * @param gradient its gradient: a tree like the argument
 */
public record ValueAndGrad<G>(Tensor value, G gradient) {}
