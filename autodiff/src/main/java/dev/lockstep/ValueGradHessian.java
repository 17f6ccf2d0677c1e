package dev.lockstep;

import dev.lockstep.tensor.Tensor;

/** What {@link Derivatives#valueGradHessian} gives: all derivatives up to the second. */
public record ValueGradHessian(Tensor value, Tensor gradient, Tensor hessian) {}
