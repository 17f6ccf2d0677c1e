package dev.lockstep.bindings;

import java.util.List;

/**
 * Factorisations or solutions of a batch of matrices ({@code ls_linalg}).
 *
 * @param kind {@code LS_LINALG_CHOLESKY}
 * @param operands in the order that the kind has; null, or missing at the end, for results that are
 *     not wanted
 */
public record LinearAlgebraDescription(
    int kind, int dtype, int flags, long[] batch, long m, long n, long k, List<Matrix> operands) {}
