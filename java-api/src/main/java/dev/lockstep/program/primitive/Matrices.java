package dev.lockstep.program.primitive;

import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** What rules of linear algebra do with the matrices of the last two axes. */
final class Matrices {
  private Matrices() {}

  /** Returns the matrices transposed. */
  static Tensor transpose(Tensor x) {
    return x.swapAxes(-1, -2);
  }

  /** Returns {@code (x + xᵀ) / 2}. */
  static Tensor symmetric(Tensor x) {
    return x.add(transpose(x)).mul(Rules.like(x, 0.5));
  }

  /** Returns unit matrices of the type of {@code x}. */
  static Tensor identityLike(Tensor x) {
    return diagonalMask(x, 0).cast(x.dtype());
  }

  /** Returns where row and column number differ by {@code offset}, as bool. */
  static Tensor diagonalMask(Tensor x, long offset) {
    TensorType index = x.type().with(DType.I64);
    int rank = x.rank();
    Tensor distance =
        Trace.bind(new Structural.Iota(index, rank - 1))
            .sub(Trace.bind(new Structural.Iota(index, rank - 2)));
    return distance.equal(Rules.full(index, offset));
  }

  /** Returns the diagonals as vectors. */
  static Tensor diagonal(Tensor x) {
    Tensor zero = Rules.like(x, 0);
    return Tensor.where(diagonalMask(x, 0), x, zero).sum(-1);
  }

  /** Returns {@code 1 / (w_j - w_i)} off the diagonal and 0 on it. */
  static Tensor inverseDifferences(Tensor w) {
    Tensor differences = w.expandDims(-2).sub(w.expandDims(-1));
    Tensor one = identityLike(differences);
    return one.add(differences).reciprocal().sub(one);
  }

  /** Returns rows {@code permutation} of the matrices. */
  static Tensor permuteRows(Tensor x, Tensor permutation) {
    return Trace.bind(new Indexing.Gather(x.rank() - 2, 1, Indexing.Bounds.CLAMP), x, permutation);
  }

  /** Returns rows from {@code start} up to {@code limit}. */
  static Tensor rows(Tensor x, long start, long limit) {
    return Rearrangements.part(x, x.rank() - 2, start, limit);
  }

  /** Returns columns from {@code start} up to {@code limit}. */
  static Tensor columns(Tensor x, long start, long limit) {
    return Rearrangements.part(x, x.rank() - 1, start, limit);
  }

  /** Returns the matrices with zeros below and to the right. */
  static Tensor pad(Tensor x, long rows, long columns) {
    List<Long> zeros = new ArrayList<>();
    List<Long> high = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      zeros.add(0L);
      high.add(axis == x.rank() - 2 ? rows : axis == x.rank() - 1 ? columns : 0L);
    }
    return Trace.bind(new Structural.Pad(zeros, high, zeros), x);
  }
}
