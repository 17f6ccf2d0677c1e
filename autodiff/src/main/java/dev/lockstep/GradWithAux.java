package dev.lockstep;

import dev.lockstep.tensor.Tensor;

/**
 * What {@link Derivatives#gradWithAux} gives.
 *
 * @param value the function's value
 * @param gradient a tree like the argument
 * @param aux what the function handed on
 */
public record GradWithAux<A, V>(Tensor value, A gradient, V aux) {}
