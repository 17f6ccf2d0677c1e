package dev.lockstep.bindings;

/**
 * The batched product {@code c[batch, m, n] = sum over k of a[batch, m, k] * b[batch, k, n]}
 * ({@code ls_matmul}).
 */
public record MatmulDescription(
    int dtype, long[] batch, long m, long n, long k, Matrix a, Matrix b, Matrix c) {}
