package dev.lockstep.bindings;

import java.util.List;

/**
 * {@code to[p] = from[p + sum of index_j[p] * strides[j]]} ({@code ls_gather}).
 *
 * @param bounds an {@code LS_BOUNDS_*} number
 * @param fill the bit pattern of what an index out of range gives
 * @param indexExtents one an index: valid ones are below
 * @param indexStrides elements of {@code from}, one an index
 */
public record GatherDescription(
    long[] extents,
    int bounds,
    long fill,
    Operand from,
    Operand to,
    List<Operand> indices,
    long[] indexExtents,
    long[] indexStrides) {}
