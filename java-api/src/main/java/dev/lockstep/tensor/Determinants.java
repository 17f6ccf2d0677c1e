package dev.lockstep.tensor;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Derived;
import dev.lockstep.program.primitive.Factorization;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Structural.Iota;
import java.util.List;

/** Determinants, by formula up to 3 x 3, else by factors. */
final class Determinants {
  private Determinants() {}

  static Tensor det(Tensor a) {
    MatrixChecks.square("det", a);
    long n = MatrixChecks.rows(a);
    return Trace.staged(() -> {
      if (n == 1) {
        return element(a, 0, 0);
      }
      if (n == 2) {
        return product(a, 0, 1).sub(product(a, 1, 0));
      }
      if (n == 3) {
        return product(a, 0, 1, 2)
            .add(product(a, 1, 2, 0))
            .add(product(a, 2, 0, 1))
            .sub(product(a, 2, 1, 0))
            .sub(product(a, 0, 2, 1))
            .sub(product(a, 1, 0, 2));
      }
      List<Tensor> factors = Trace.bindAll(new Factorization.Lu(), a.stopGradient());
      Tensor sign = sign(odd(exchanges(factors.get(1))), a.dtype());
      Tensor value = MatrixOps.diagonal(factors.get(0)).prod(-1).mul(sign);
      return Trace.bind(new Derived.Det(), a, value);
    });
  }

  /** Returns a[0, columns[0]] a[1, columns[1]] …. */
  private static Tensor product(Tensor a, int... columns) {
    Tensor result = element(a, 0, columns[0]);
    for (int row = 1; row < columns.length; row++) {
      result = result.mul(element(a, row, columns[row]));
    }
    return result;
  }

  private static Tensor element(Tensor a, long row, long column) {
    int rank = a.rank();
    long[] start = new long[rank];
    long[] limit = a.shape().extents();
    start[rank - 2] = row;
    limit[rank - 2] = row + 1;
    start[rank - 1] = column;
    limit[rank - 1] = column + 1;
    return a.slice(start, limit, ShapeOps.ones(rank)).squeeze(-2, -1);
  }

  static LinAlg.SlogDet slogDet(Tensor a) {
    MatrixChecks.square("slogDet", a);
    List<Tensor> both =
        Trace.stagedAll(() -> {
          List<Tensor> factors = Trace.bindAll(new Factorization.Lu(), a.stopGradient());
          Tensor diagonal = MatrixOps.diagonal(factors.get(0));
          Tensor zero = Trace.bind(new Full(diagonal.type(), 0));
          Tensor singular = diagonal.equal(zero).any(-1);
          Tensor negative = diagonal.less(zero).cast(DType.I32).sum(-1);
          Tensor odd = odd(exchanges(factors.get(1)).add(negative));
          Tensor sign = sign(odd, a.dtype());
          Tensor nothing = Trace.bind(new Full(sign.type(), 0));
          Tensor lowest = Trace.bind(new Full(sign.type(), Double.NEGATIVE_INFINITY));
          Tensor logarithm = diagonal.abs().log().sum(-1);
          Tensor value = Tensor.where(singular, lowest, logarithm);
          return List.of(
              Tensor.where(singular, nothing, sign),
              Trace.bind(new Derived.LogDet(), a, factors.get(0), factors.get(2), value));
        });
    return new LinAlg.SlogDet(both.get(0), both.get(1));
  }

  /** Returns how many rows were exchanged with others. */
  private static Tensor exchanges(Tensor pivots) {
    Tensor own = Trace.bind(new Iota(pivots.type(), pivots.rank() - 1));
    return pivots.notEqual(own).cast(DType.I32).sum(-1);
  }

  private static Tensor odd(Tensor count) {
    return count.and(Trace.bind(new Full(count.type(), 1L)));
  }

  /** Returns -1 for 1, 1 for 0. */
  private static Tensor sign(Tensor odd, DType dtype) {
    Tensor one = Trace.bind(new Full(odd.type().with(dtype), 1));
    return one.sub(odd.cast(dtype).mul(Trace.bind(new Full(one.type(), 2))));
  }
}
