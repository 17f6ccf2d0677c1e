package dev.lockstep.tensor;

/** The norms of a matrix, and what NumPy calls so. */
public enum MatrixNorm {
  /** The root of the sum of squares. */
  FROBENIUS,
  /** The sum of singular values. */
  NUCLEAR,
  /** The largest sum of magnitudes in a column. */
  ONE,
  /** The smallest sum of magnitudes in a column. */
  MINUS_ONE,
  /** The largest singular value. */
  TWO,
  /** The smallest singular value. */
  MINUS_TWO,
  /** The largest sum of magnitudes in a row. */
  INFINITY,
  /** The smallest sum of magnitudes in a row. */
  MINUS_INFINITY
}
