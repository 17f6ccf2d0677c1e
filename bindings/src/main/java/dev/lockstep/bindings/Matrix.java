package dev.lockstep.bindings;

/**
 * A batch of strided matrices in a slot ({@code ls_matrix}).
 *
 * @param offset bytes from the slot's start
 * @param rowStride elements from one row to the next
 * @param columnStride elements from one column to the next
 * @param batchStrides elements, one a batch dimension
 */
public record Matrix(
    int slot, long offset, long rowStride, long columnStride, long[] batchStrides) {}
