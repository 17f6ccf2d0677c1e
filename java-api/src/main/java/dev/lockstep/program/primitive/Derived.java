package dev.lockstep.program.primitive;

import dev.lockstep.error.DTypeException;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * A value that other equations computed, with the derivative of a function of the first operand, a
 * matrix. The value is the last operand, which has no derivative of its own; to run, this is that
 * operand.
 */
public sealed interface Derived extends LinearAlgebra {
  /** Returns the tangent of the value, linear in that of the matrix. */
  Tensor tangent(List<Tensor> operands, Tensor da, Tensor value);

  /** Returns the operand that is the value. */
  static <T> T value(List<T> operands) {
    return operands.getLast();
  }

  @Override
  default List<TensorType> infer(List<TensorType> operands) {
    TensorType a = LinearAlgebra.requireMatrix(name(), operands.getFirst());
    if (value(operands).dtype() != a.dtype()) {
      throw new DTypeException(name() + ": expected a value of " + a.dtype() + ", got " + operands);
    }
    return List.of(value(operands));
  }

  @Override
  default List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
    Tensor da = tangents.getFirst();
    return Rules.one(da == null ? null : tangent(operands, da, results.getFirst()));
  }

  /**
   * The logarithm of a determinant's magnitude. Operands: a, its factors, their permutation, the
   * value.
   */
  record LogDet() implements Derived {
    /** {@code trace(a⁻¹ da)}. */
    @Override
    public Tensor tangent(List<Tensor> operands, Tensor da, Tensor value) {
      return Matrices.diagonal(
              Trace.bind(
                  new LinearSolve.LuSolve(false),
                  operands.get(0),
                  operands.get(1),
                  operands.get(2),
                  da))
          .sum(-1);
    }
  }

  /** A determinant. Operands: a, the value. */
  record Det() implements Derived {
    /**
     * {@code trace(adj(a) da)}, also where a is singular with rank n - 1. The adjugate comes of the
     * factors with the last pivot moved to where it does not divide: as {@code _cofactor_solve} of
     * JAX.
     */
    @Override
    public Tensor tangent(List<Tensor> operands, Tensor da, Tensor value) {
      Tensor a = operands.getFirst();
      long n = LinearAlgebra.rows(a.type());
      if (n == 0) {
        return Rules.like(value, 0);
      }
      if (n == 1) {
        return Matrices.diagonal(da).sum(-1);
      }
      List<Tensor> factors = Trace.bindAll(new Factorization.Lu(), a);
      Tensor lu = factors.get(0);
      Tensor leading = Matrices.diagonal(lu).cumProd(-1).mul(sign(factors.get(1), lu));
      int last = leading.rank() - 1;
      Tensor det = Rearrangements.part(leading, last, n - 1, n).expandDims(-1);
      Tensor before = Rearrangements.part(leading, last, n - 2, n - 1).expandDims(-1);
      Tensor upper =
          Tensor.where(
              lastCorner(lu, n), before.reciprocal().broadcastTo(lu.shape().extents()), lu);
      Tensor ones = Matrices.columns(Rules.like(lu, 1), 0, 1);
      Tensor probe = Trace.bind(UPPER, upper, ones);
      Tensor broken = probe.isFinite().not().anyKeepDims(-2).broadcastTo(da.shape().extents());
      Tensor zero = Rules.like(da, 0);
      Tensor x = Matrices.permuteRows(Tensor.where(broken, zero, da), factors.get(2));
      Tensor y = Trace.bind(UNIT_LOWER, lu, x);
      Tensor scaled = Matrices.rows(y, 0, n - 1).mul(det);
      Tensor moved = Tensor.concatenate(-2, scaled, Matrices.rows(y, n - 1, n));
      Tensor z = Trace.bind(UPPER, upper, moved);
      return Matrices.diagonal(Tensor.where(broken, zero, z)).sum(-1);
    }

    /**
     * Returns -1 where the pivots are an odd number of exchanges, else 1, along a new last axis.
     */
    static Tensor sign(Tensor pivots, Tensor like) {
      Tensor own = Trace.bind(new Structural.Iota(pivots.type(), pivots.rank() - 1));
      Tensor exchanges = pivots.notEqual(own).cast(like.dtype());
      Tensor parity = exchanges.sum(-1).rem(Rules.like(exchanges.sum(-1), 2));
      return Rules.like(parity, 1).sub(parity.mul(Rules.like(parity, 2))).expandDims(-1);
    }

    private static Tensor lastCorner(Tensor x, long n) {
      TensorType index = x.type().with(dev.lockstep.tensor.DType.I64);
      Tensor sum =
          Trace.bind(new Structural.Iota(index, x.rank() - 1))
              .add(Trace.bind(new Structural.Iota(index, x.rank() - 2)));
      return sum.equal(Rules.full(index, 2 * n - 2));
    }

    private static final LinearSolve.TriangularSolve UPPER =
        new LinearSolve.TriangularSolve(true, false, false, false);
    private static final LinearSolve.TriangularSolve UNIT_LOWER =
        new LinearSolve.TriangularSolve(true, true, false, true);
  }

  /** A pseudo-inverse. Operands: a, the value. */
  record PseudoInverse() implements Derived {
    /**
     * {@code -p da p + p pᵀ daᵀ (1 - a p) + (1 - p a) daᵀ pᵀ p}: Golub and Pereyra, "The
     * differentiation of pseudo-inverses and nonlinear least squares problems whose variables
     * separate", SIAM J. Numer. Anal. 10 (1973).
     */
    @Override
    public Tensor tangent(List<Tensor> operands, Tensor da, Tensor p) {
      Tensor a = operands.getFirst();
      Tensor dat = Matrices.transpose(da);
      Tensor pt = Matrices.transpose(p);
      List<Tensor> terms = new ArrayList<>();
      if (LinearAlgebra.rows(a.type()) >= LinearAlgebra.columns(a.type())) {
        Tensor s = p.matmul(pt).matmul(dat);
        Tensor t = dat.matmul(pt).matmul(p);
        terms.add(p.matmul(da).matmul(p).neg());
        terms.add(s.sub(s.matmul(a).matmul(p)));
        terms.add(t.sub(p.matmul(a).matmul(t)));
      } else {
        Tensor s = p.matmul(pt.matmul(dat));
        Tensor t = dat.matmul(pt.matmul(p));
        terms.add(p.matmul(da.matmul(p)).neg());
        terms.add(s.sub(s.matmul(a.matmul(p))));
        terms.add(t.sub(p.matmul(a.matmul(t))));
      }
      return terms.get(0).add(terms.get(1)).add(terms.get(2));
    }
  }
}
