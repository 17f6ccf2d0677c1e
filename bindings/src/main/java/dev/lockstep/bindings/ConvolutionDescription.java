package dev.lockstep.bindings;

/**
 * A convolution or one of its transposes ({@code ls_convolution}).
 *
 * @param kind an {@code LS_CONVOLUTION_*} number
 * @param strides one entry a spatial dimension, as dilation and low
 * @param epilogue a loop over y's dimensions that runs on each part of y, or null
 */
public record ConvolutionDescription(
    int kind,
    long groups,
    long[] xExtents,
    long[] wExtents,
    long[] yExtents,
    long[] strides,
    long[] dilation,
    long[] low,
    Operand x,
    Operand w,
    Operand y,
    LoopDescription epilogue) {}
