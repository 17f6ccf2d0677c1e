package dev.lockstep;

import dev.lockstep.tensor.Tensor;

/**
 * What a function returns for {@link Derivatives#gradWithAux}.
 *
 * @param value a scalar tensor: what is differentiated
 * @param aux a tree of what is only handed on
 */
public record WithAux<V>(Tensor value, V aux) {}
