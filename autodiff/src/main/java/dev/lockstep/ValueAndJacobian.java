package dev.lockstep;

import dev.lockstep.tensor.Tensor;

/**
 * What {@link Derivatives#valueAndJacobian} gives.
 *
 * @param jacobian a tree like the argument, as {@link Derivatives#jacobian} gives it
 */
public record ValueAndJacobian<A>(Tensor value, A jacobian) {}
