package dev.lockstep.bindings;

/**
 * A pooling or one of its transposes ({@code ls_pooling}).
 *
 * @param kind an {@code LS_POOLING_*} number
 * @param window one entry a spatial dimension, as strides, dilation and low
 * @param t null if the kind has none
 */
public record PoolingDescription(
    int kind,
    boolean least,
    boolean countPadding,
    int firstSpatial,
    long[] xExtents,
    long[] yExtents,
    long[] window,
    long[] strides,
    long[] dilation,
    long[] low,
    Operand x,
    Operand t,
    Operand y) {}
