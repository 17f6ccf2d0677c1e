package dev.lockstep.bindings;

/**
 * The batched product {@code c[batch, m, n] = sum over k of a[batch, m, k] * b[batch, k, n]}
 * ({@code ls_matmul}).
 *
 * @param epilogue a loop over batch, m and n that runs on each part of c, or null
 */
public record MatmulDescription(
    int dtype,
    long[] batch,
    long m,
    long n,
    long k,
    Matrix a,
    Matrix b,
    Matrix c,
    LoopDescription epilogue) {}
