package dev.lockstep.bindings;

import java.util.List;

/**
 * {@code to[p + sum of index_j[p] * strides[j]] = mode(that, from[p])} ({@code ls_scatter}).
 *
 * @param bounds an {@code LS_BOUNDS_*} number
 * @param mode an {@code LS_SCATTER_*} number
 * @param indexExtents one an index: valid ones are below
 * @param indexStrides elements of {@code to}, one an index
 */
public record ScatterDescription(
    long[] extents,
    int bounds,
    int mode,
    Operand from,
    Operand to,
    List<Operand> indices,
    long[] indexExtents,
    long[] indexStrides) {}
