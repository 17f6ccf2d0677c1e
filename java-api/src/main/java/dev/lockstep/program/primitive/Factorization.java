package dev.lockstep.program.primitive;

import static dev.lockstep.program.primitive.LinearAlgebra.columns;
import static dev.lockstep.program.primitive.LinearAlgebra.list;
import static dev.lockstep.program.primitive.LinearAlgebra.requireMatrix;
import static dev.lockstep.program.primitive.LinearAlgebra.requireSquare;
import static dev.lockstep.program.primitive.LinearAlgebra.rows;
import static dev.lockstep.program.primitive.LinearAlgebra.withMatrix;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.LinearSolve.TriangularSolve;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Factors of matrices, their eigenvalues and their singular values. Signs are LAPACK's. */
public sealed interface Factorization extends MatrixKernel {
  @Override
  default long[] sizes(List<TensorType> operands) {
    TensorType a = operands.getFirst();
    return new long[] {rows(a), columns(a), 0};
  }

  /**
   * The lower triangular l with {@code l lᵀ = (a + aᵀ) / 2}; NaN in the lower triangle where there
   * is none.
   */
  record Cholesky() implements Factorization {
    @Override
    public int kind() {
      return lockstep_h.LS_LINALG_CHOLESKY();
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      return List.of(requireSquare(name(), operands.getFirst()));
    }

    /**
     * {@code l φ(l⁻¹ ds l⁻ᵀ)}, where φ takes the lower triangle and half of the diagonal: Murray,
     * "Differentiation of the Cholesky decomposition", arXiv:1602.07527.
     */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor l = results.getFirst();
      Tensor ds = Matrices.symmetric(tangents.getFirst());
      Tensor right = Trace.bind(new TriangularSolve(false, true, true, false), l, ds);
      Tensor both = Trace.bind(new TriangularSolve(true, true, false, false), l, right);
      Tensor halves =
          Rules.like(both, 1).sub(Matrices.identityLike(both).mul(Rules.like(both, 0.5)));
      return Rules.one(l.matmul(both.tril(0).mul(halves)));
    }
  }

  /**
   * {@code a[permutation] = l u} with partial pivoting. Results: l below the diagonal (its own is
   * 1) and u in one matrix; which row each pivot row was exchanged with, and the permutation of all
   * rows, as i32.
   */
  record Lu() implements Factorization {
    @Override
    public int kind() {
      return lockstep_h.LS_LINALG_LU();
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType a = requireMatrix(name(), operands.getFirst());
      TensorType integers = a.with(DType.I32);
      return List.of(
          a, withMatrix(integers, Math.min(rows(a), columns(a))), withMatrix(integers, rows(a)));
    }

    /**
     * {@code l' = l tril(l⁻¹ a' u⁻¹, -1)}, {@code u' = triu(l⁻¹ a' u⁻¹) u}, with both factors made
     * square: de Hoog, Anderssen and Lukas, "Differentiation of matrix functionals using triangular
     * factorization", Math. Comp. 80 (2011).
     */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor lu = results.getFirst();
      long m = rows(lu.type());
      long n = columns(lu.type());
      long k = Math.min(m, n);
      Tensor l = Matrices.pad(Matrices.columns(lu, 0, k).tril(-1), 0, m - k);
      Tensor u = Matrices.pad(Matrices.rows(lu, 0, k).triu(0), n - k, 0);
      Tensor unitLower = l.add(Matrices.identityLike(l));
      Tensor square = u.add(belowCorner(u, k));
      Tensor da = Matrices.permuteRows(tangents.getFirst(), results.get(2));
      Tensor left = Trace.bind(new TriangularSolve(true, true, false, true), unitLower, da);
      Tensor both = Trace.bind(new TriangularSolve(false, false, false, false), square, left);
      return list(unitLower.matmul(both.tril(-1)).add(both.triu(0).matmul(square)), null, null);
    }

    /** Returns ones on the diagonal from row {@code k} on. */
    private static Tensor belowCorner(Tensor x, long k) {
      TensorType index = x.type().with(DType.I64);
      Tensor row = Trace.bind(new Structural.Iota(index, x.rank() - 2));
      Tensor below = row.greaterEqual(Rules.full(index, k));
      return below.and(Matrices.diagonalMask(x, 0)).cast(x.dtype());
    }
  }

  /**
   * {@code a = q r}, q's columns orthonormal, r upper triangular.
   *
   * @param full whether q is square, else it has as many columns as the smaller extent of a
   */
  record Qr(boolean full) implements Factorization {
    @Override
    public int kind() {
      return lockstep_h.LS_LINALG_QR();
    }

    @Override
    public long[] sizes(List<TensorType> operands) {
      TensorType a = operands.getFirst();
      return new long[] {rows(a), columns(a), inner(a)};
    }

    private long inner(TensorType a) {
      return full ? rows(a) : Math.min(rows(a), columns(a));
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType a = requireMatrix(name(), operands.getFirst());
      long k = inner(a);
      return List.of(withMatrix(a, rows(a), k), withMatrix(a, k, columns(a)));
    }

    /** For m ≥ n from the thin factors; a wide matrix is differentiated by its square part. */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor a = operands.getFirst();
      Tensor da = tangents.getFirst();
      Tensor q = results.get(0);
      Tensor r = results.get(1);
      long m = rows(a.type());
      long n = columns(a.type());
      if (m < n) {
        List<Tensor> square = thin(q, Matrices.columns(r, 0, m), Matrices.columns(da, 0, m));
        Tensor dq = square.get(0);
        Tensor rest =
            Matrices.transpose(dq)
                .matmul(Matrices.columns(a, m, n))
                .add(Matrices.transpose(q).matmul(Matrices.columns(da, m, n)));
        return list(dq, Tensor.concatenate(-1, square.get(1), rest));
      }
      if (!full || m == n) {
        return thin(q, r, da);
      }
      return fullTangents(q, r, da, m, n);
    }

    /** Walter and Lehmann, "Algorithmic differentiation of linear algebra functions", 2010. */
    private static List<Tensor> thin(Tensor q, Tensor r, Tensor da) {
      Tensor right = Trace.bind(new TriangularSolve(false, false, false, false), r, da);
      Tensor inside = Matrices.transpose(q).matmul(right);
      Tensor lower = inside.tril(-1);
      Tensor skew = lower.sub(Matrices.transpose(lower));
      return list(q.matmul(skew.sub(inside)).add(right), inside.sub(skew).matmul(r));
    }

    /** The added columns of q turn with the others: arXiv:2409.13374, equations 32 and 33. */
    private static List<Tensor> fullTangents(Tensor q, Tensor r, Tensor da, long m, long n) {
      Tensor first = Matrices.columns(q, 0, n);
      List<Tensor> thin = thin(first, Matrices.rows(r, 0, n), da);
      Tensor dq = thin.get(0);
      Tensor corner = Matrices.rows(first, 0, n);
      Tensor zt =
          LinearSolve.LuSolve.of(
              Matrices.transpose(corner.sub(Matrices.identityLike(corner))),
              Matrices.transpose(Matrices.rows(first, n, m)));
      Tensor z = Matrices.transpose(zt);
      Tensor turned = Matrices.rows(dq, n, m).sub(z.matmul(Matrices.rows(dq, 0, n)));
      Tensor added =
          dq.matmul(zt)
              .sub(
                  first
                      .add(Matrices.columns(q, n, m).matmul(z))
                      .matmul(Matrices.transpose(turned)));
      return list(Tensor.concatenate(-1, dq, added), Matrices.pad(thin.get(1), m - n, 0));
    }
  }

  /**
   * Eigenvalues of {@code (a + aᵀ) / 2} in ascending order and, if wanted, its eigenvectors in
   * columns. Equal eigenvalues have no derivatives of their vectors: these are NaN or infinite.
   */
  record Eigh(boolean vectors) implements Factorization {
    @Override
    public int kind() {
      return lockstep_h.LS_LINALG_EIGH();
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType a = requireSquare(name(), operands.getFirst());
      TensorType values = withMatrix(a, rows(a));
      return vectors ? List.of(values, a) : List.of(values);
    }

    /** The tangents need the vectors even if these are not wanted. */
    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      List<Tensor> all = Trace.bindAll(new Eigh(true), operands.getFirst());
      List<Tensor> pushed = tangents(all, tangents.getFirst());
      return new Pushed(all.subList(0, pushed.size()), pushed);
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      List<Tensor> all = vectors ? results : Trace.bindAll(new Eigh(true), operands.getFirst());
      return tangents(all, tangents.getFirst());
    }

    /**
     * {@code dw = diag(vᵀ ds v)}, {@code dv = v (F ∘ vᵀ ds v)} with {@code F_ij = 1 / (w_j - w_i)}:
     * Giles, "An extended collection of matrix derivative results", section 3.1 (2008).
     */
    private List<Tensor> tangents(List<Tensor> all, Tensor da) {
      Tensor v = all.get(1);
      Tensor moved = Matrices.symmetric(da).matmul(v);
      if (!vectors) {
        return list(v.mul(moved).sum(-2));
      }
      Tensor inside = Matrices.transpose(v).matmul(moved);
      Tensor dv = v.matmul(Matrices.inverseDifferences(all.get(0)).mul(inside));
      return list(Matrices.diagonal(inside), dv);
    }
  }

  /**
   * Singular values in descending order and, if wanted, the thin factors u and vᵀ of {@code a = u
   * diag(s) vᵀ}.
   */
  record Svd(boolean vectors) implements Factorization {
    @Override
    public int kind() {
      return lockstep_h.LS_LINALG_SVD();
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType a = requireMatrix(name(), operands.getFirst());
      long k = Math.min(rows(a), columns(a));
      TensorType values = withMatrix(a, k);
      return vectors
          ? List.of(values, withMatrix(a, rows(a), k), withMatrix(a, k, columns(a)))
          : List.of(values);
    }

    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      List<Tensor> all = Trace.bindAll(new Svd(true), operands.getFirst());
      List<Tensor> pushed = tangents(all, tangents.getFirst());
      return new Pushed(all.subList(0, pushed.size()), pushed);
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      List<Tensor> all = vectors ? results : Trace.bindAll(new Svd(true), operands.getFirst());
      return tangents(all, tangents.getFirst());
    }

    /** Giles, "An extended collection of matrix derivative results", section 3.2 (2008). */
    private List<Tensor> tangents(List<Tensor> all, Tensor da) {
      Tensor s = all.get(0);
      Tensor u = all.get(1);
      Tensor vt = all.get(2);
      Tensor ut = Matrices.transpose(u);
      Tensor v = Matrices.transpose(vt);
      Tensor dav = da.matmul(v);
      if (!vectors) {
        return list(u.mul(dav).sum(-2));
      }
      Tensor ds = ut.matmul(dav);
      Tensor row = s.expandDims(-2);
      Tensor column = s.expandDims(-1);
      Tensor squares = row.add(column).mul(row.sub(column));
      Tensor one = Matrices.identityLike(squares);
      Tensor f = squares.add(one).reciprocal().sub(one);
      Tensor right = row.mul(ds);
      Tensor left = column.mul(ds);
      Tensor zero = s.equal(Rules.like(s, 0)).cast(s.dtype());
      Tensor inverse = s.add(zero).reciprocal().sub(zero);
      Tensor turn =
          ds.sub(Matrices.transpose(ds))
              .mul(Rules.like(ds, 0.5))
              .mul(one)
              .mul(inverse.expandDims(-2));
      Tensor du = u.matmul(f.mul(right.add(Matrices.transpose(right))).add(turn));
      Tensor dv = v.matmul(f.mul(left.add(Matrices.transpose(left))));
      long m = rows(da.type());
      long n = columns(da.type());
      if (m > n) {
        du = du.add(dav.sub(u.matmul(ds)).div(row));
      }
      if (n > m) {
        Tensor dau = Matrices.transpose(da).matmul(u);
        dv = dv.add(dau.sub(v.matmul(vt.matmul(dau))).div(row));
      }
      return list(Matrices.diagonal(ds), du, Matrices.transpose(dv));
    }
  }

  /**
   * Eigenvalues of matrices without symmetry, and if wanted their right eigenvectors in columns,
   * each of norm 1 and with a real largest component. Results: real parts and imaginary parts of
   * the values, then of the vectors.
   */
  record Eig(boolean vectors) implements Factorization {
    @Override
    public int kind() {
      return lockstep_h.LS_LINALG_EIG();
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType a = requireSquare(name(), operands.getFirst());
      TensorType values = withMatrix(a, rows(a));
      return vectors ? List.of(values, values, a, a) : List.of(values, values);
    }

    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      List<Tensor> all = Trace.bindAll(new Eig(true), operands.getFirst());
      List<Tensor> pushed = EigRule.tangents(all, tangents.getFirst(), vectors);
      return new Pushed(new ArrayList<>(all.subList(0, pushed.size())), pushed);
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      List<Tensor> all = vectors ? results : Trace.bindAll(new Eig(true), operands.getFirst());
      return EigRule.tangents(all, tangents.getFirst(), vectors);
    }
  }
}
