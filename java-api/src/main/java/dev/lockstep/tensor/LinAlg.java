package dev.lockstep.tensor;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Factorization;
import java.util.List;

/**
 * Linear algebra on the matrices that the last two axes of tensors are; all axes before these are
 * batch axes, and broadcast where there are several operands. Matrices are f32 or f64.
 *
 * <p>Results are those of LAPACK, signs included, but for the signs of {@link #eigh}'s vectors in
 * batches of 64 and more matrices of up to 64 x 64, whose kernels are others. A singular,
 * indefinite or non-finite matrix makes no error: its own entry of the batch is infinite or NaN, as
 * in JAX. The methods named {@code …Checked} throw instead.
 *
 * <p>All have derivatives of any order, and batch under {@code vmap} over any of their arguments.
 */
public final class LinAlg {
  private LinAlg() {}

  /** Whether the sign of a determinant is -1, 0 or 1, and the logarithm of its magnitude. */
  public record SlogDet(Tensor sign, Tensor logAbs) {}

  /** The factors of {@code a = p l u}: p permutes rows, l's diagonal is 1. */
  public record Lu(Tensor p, Tensor l, Tensor u) {}

  /** The factors of {@code a = q r}. */
  public record Qr(Tensor q, Tensor r) {}

  /** Eigenvalues {@code [..., n]} in ascending order and eigenvectors {@code [..., n, n]}. */
  public record Eigh(Tensor values, Tensor vectors) {}

  /** The factors of {@code a = u diag(s) vᵀ}; s is in descending order. */
  public record Svd(Tensor u, Tensor s, Tensor vt) {}

  /** A complex tensor's two parts. */
  public record Complex(Tensor real, Tensor imaginary) {}

  /** Complex eigenvalues {@code [..., n]} and eigenvectors {@code [..., n, n]} in columns. */
  public record Eig(Complex values, Complex vectors) {}

  /**
   * A least-squares solution {@code [..., n, k]}, the squared norms of its residuals {@code [...,
   * k]}, the rank and the singular values of the matrix.
   */
  public record LeastSquares(Tensor x, Tensor residuals, Tensor rank, Tensor singularValues) {}

  /**
   * Returns x with {@code a x = b}: {@code a[..., n, n]}, and b is one vector {@code [n]} for all
   * matrices, or {@code [..., n, k]}. The factors of a serve the gradients too.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not fit
   */
  public static Tensor solve(Tensor a, Tensor b) {
    return MatrixSolves.solve("solve", a, b);
  }

  /**
   * Returns {@link #solve}'s solution if it is finite.
   *
   * @throws dev.lockstep.error.MatrixException naming the first entry of the batch whose matrix is
   *     singular or not finite
   */
  public static Tensor solveChecked(Tensor a, Tensor b) {
    Tensor x = MatrixSolves.solve("solveChecked", a, b);
    return MatrixChecks.finite(
        "solveChecked", b.rank() == 1 ? x.expandDims(-1) : x, x, "is singular or not finite");
  }

  /**
   * Returns x with {@code triangle(a) x = b}; the other triangle of a is not read.
   *
   * @param lower whether the lower triangle is meant, else the upper one
   */
  public static Tensor triangularSolve(Tensor a, Tensor b, boolean lower) {
    return MatrixSolves.triangular(
        "triangularSolve", a, b, lower ? Triangle.LOWER : Triangle.UPPER);
  }

  /** Returns x with {@code op(triangle(a)) x = b}, or {@code x op(triangle(a)) = b}. */
  public static Tensor triangularSolve(Tensor a, Tensor b, Triangle triangle) {
    return MatrixSolves.triangular("triangularSolve", a, b, triangle);
  }

  /**
   * Returns {@link #triangularSolve}'s solution if it is finite.
   *
   * @throws dev.lockstep.error.MatrixException naming the first entry of the batch whose matrix has
   *     a zero on its diagonal or is not finite
   */
  public static Tensor triangularSolveChecked(Tensor a, Tensor b, Triangle triangle) {
    Tensor x = MatrixSolves.triangular("triangularSolveChecked", a, b, triangle);
    return MatrixChecks.finite(
        "triangularSolveChecked",
        b.rank() == 1 ? x.expandDims(-1) : x,
        x,
        "is singular or not finite");
  }

  /** Returns {@code a⁻¹}. */
  public static Tensor inv(Tensor a) {
    return MatrixSolves.inv("inv", a);
  }

  /**
   * Returns {@code a⁻¹} if it is finite.
   *
   * @throws dev.lockstep.error.MatrixException naming the first entry of the batch whose matrix is
   *     singular or not finite
   */
  public static Tensor invChecked(Tensor a) {
    Tensor inverse = MatrixSolves.inv("invChecked", a);
    return MatrixChecks.finite("invChecked", inverse, inverse, "is singular or not finite");
  }

  /** Returns the determinants {@code [...]}. Derivatives hold for singular matrices too. */
  public static Tensor det(Tensor a) {
    return Determinants.det(a);
  }

  /** Returns sign and logarithm of the determinants; 0 and -inf for a singular matrix. */
  public static SlogDet slogDet(Tensor a) {
    return Determinants.slogDet(a);
  }

  /** Returns the lower triangular l with {@code l lᵀ = (a + aᵀ) / 2}, NaN where there is none. */
  public static Tensor cholesky(Tensor a) {
    MatrixChecks.square("cholesky", a);
    return Trace.bind(new Factorization.Cholesky(), a);
  }

  /**
   * Returns {@link #cholesky}'s factor if there is one.
   *
   * @throws dev.lockstep.error.MatrixException naming the first entry of the batch whose matrix is
   *     not positive definite
   */
  public static Tensor choleskyChecked(Tensor a) {
    MatrixChecks.square("choleskyChecked", a);
    Tensor l = Trace.bind(new Factorization.Cholesky(), a);
    return MatrixChecks.finite("choleskyChecked", l, l, "is not positive definite");
  }

  /** Returns x with {@code l lᵀ x = b}, where l is what {@link #cholesky} gave. */
  public static Tensor choSolve(Tensor l, Tensor b) {
    return MatrixSolves.choSolve(l, b);
  }

  /** Returns the factors of {@code a[..., m, n] = p l u} with partial pivoting. */
  public static Lu lu(Tensor a) {
    return MatrixFactors.lu(a);
  }

  /**
   * Returns x with {@code a x = b} of the factors that {@link #lu} gave of a, which is quadratic
   * work: {@code b[n]} or {@code [..., n, k]}.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not fit
   */
  public static Tensor luSolve(Lu factors, Tensor b) {
    return MatrixSolves.luSolve(factors, b);
  }

  /** Returns the thin factors of {@code a[..., m, n]}: {@code q[..., m, min(m, n)]}. */
  public static Qr qr(Tensor a) {
    return MatrixFactors.qr("qr", a, false);
  }

  /** Returns the factors of {@code a[..., m, n]} with a square {@code q[..., m, m]}. */
  public static Qr qrFull(Tensor a) {
    return MatrixFactors.qr("qrFull", a, true);
  }

  /**
   * Returns eigenvalues and eigenvectors of the symmetric {@code (a + aᵀ) / 2}. The derivatives of
   * eigenvectors are infinite or NaN where eigenvalues are equal.
   */
  public static Eigh eigh(Tensor a) {
    MatrixChecks.square("eigh", a);
    List<Tensor> results = Trace.bindAll(new Factorization.Eigh(true), a);
    return new Eigh(results.get(0), results.get(1));
  }

  /** Returns the eigenvalues of the symmetric {@code (a + aᵀ) / 2} in ascending order. */
  public static Tensor eighValues(Tensor a) {
    MatrixChecks.square("eighValues", a);
    return Trace.bind(new Factorization.Eigh(false), a);
  }

  /**
   * Returns {@link #eigh}'s eigenvalues and eigenvectors if they are finite.
   *
   * @throws dev.lockstep.error.MatrixException naming the first entry of the batch whose matrix is
   *     not finite
   */
  public static Eigh eighChecked(Tensor a) {
    MatrixChecks.square("eighChecked", a);
    Eigh result = eigh(a);
    MatrixChecks.finite("eighChecked", result.vectors(), result.vectors(), "is not finite");
    return result;
  }

  /** Returns the thin singular value decomposition of {@code a[..., m, n]}. */
  public static Svd svd(Tensor a) {
    MatrixChecks.matrix("svd", a);
    List<Tensor> results = Trace.bindAll(new Factorization.Svd(true), a);
    return new Svd(results.get(1), results.get(0), results.get(2));
  }

  /**
   * Returns {@link #svd}'s factors if they are finite.
   *
   * @throws dev.lockstep.error.MatrixException naming the first entry of the batch whose matrix is
   *     not finite
   */
  public static Svd svdChecked(Tensor a) {
    MatrixChecks.matrix("svdChecked", a);
    Svd result = svd(a);
    MatrixChecks.finite("svdChecked", result.u(), result.vt(), "is not finite");
    return result;
  }

  /**
   * Returns the singular value decomposition of {@code a[..., m, n]} with square {@code u[..., m,
   * m]} and {@code vt[..., n, n]}, of which {@link #svd} gives the first columns and rows; the
   * others are any orthonormal ones.
   */
  public static Svd svdFull(Tensor a) {
    return MatrixFactors.svdFull(a);
  }

  /** Returns the singular values {@code [..., min(m, n)]} in descending order. */
  public static Tensor svdValues(Tensor a) {
    MatrixChecks.matrix("svdValues", a);
    return Trace.bind(new Factorization.Svd(false), a);
  }

  /** Returns eigenvalues and right eigenvectors of real matrices without symmetry. */
  public static Eig eig(Tensor a) {
    MatrixChecks.square("eig", a);
    List<Tensor> results = Trace.bindAll(new Factorization.Eig(true), a);
    return new Eig(
        new Complex(results.get(0), results.get(1)), new Complex(results.get(2), results.get(3)));
  }

  /** Returns the eigenvalues of real matrices without symmetry. */
  public static Complex eigValues(Tensor a) {
    MatrixChecks.square("eigValues", a);
    List<Tensor> results = Trace.bindAll(new Factorization.Eig(false), a);
    return new Complex(results.get(0), results.get(1));
  }

  /**
   * Returns the x of least norm among those that make {@code |a x - b|} least: {@code a[..., m,
   * n]}, and b is one vector {@code [m]} or {@code [..., m, k]}. Singular values less than {@code
   * max(m, n) ε} times the largest count as 0.
   */
  public static LeastSquares lstsq(Tensor a, Tensor b) {
    return PseudoInverses.lstsq(a, b, Double.NaN);
  }

  /**
   * Returns the least-squares solution; singular values below {@code rcond} times the largest count
   * as 0.
   */
  public static LeastSquares lstsq(Tensor a, Tensor b, double rcond) {
    return PseudoInverses.lstsq(a, b, rcond);
  }

  /**
   * Returns the pseudo-inverses {@code [..., n, m]} of {@code a[..., m, n]}. Singular values up to
   * {@code 10 max(m, n) ε} times the largest count as 0.
   */
  public static Tensor pinv(Tensor a) {
    return PseudoInverses.pinv(a, Double.NaN);
  }

  /**
   * Returns the pseudo-inverses; singular values up to {@code rtol} times the largest count as 0.
   */
  public static Tensor pinv(Tensor a, double rtol) {
    return PseudoInverses.pinv(a, rtol);
  }

  /** Returns {@code aⁿ}, by squaring; a negative power is one of the inverse. */
  public static Tensor matrixPower(Tensor a, int n) {
    return MatrixFunctions.power(a, n);
  }

  /**
   * Returns the ranks {@code [...]} as i64: how many singular values exceed {@code max(m, n) ε}
   * times the largest.
   */
  public static Tensor matrixRank(Tensor a) {
    return PseudoInverses.rank(a, Double.NaN);
  }

  /** Returns how many singular values exceed {@code rtol} times the largest, {@code [...]}. */
  public static Tensor matrixRank(Tensor a, double rtol) {
    return PseudoInverses.rank(a, rtol);
  }

  /** Returns the ratio of the largest to the smallest singular value. */
  public static Tensor cond(Tensor a) {
    return MatrixNorms.cond(a, MatrixNorm.TWO);
  }

  /** Returns {@code |a| |a⁻¹|}; inf for a singular matrix. */
  public static Tensor cond(Tensor a, MatrixNorm norm) {
    return MatrixNorms.cond(a, norm);
  }

  /** Returns the norms of the matrices {@code [...]}. */
  public static Tensor matrixNorm(Tensor a, MatrixNorm norm) {
    return MatrixNorms.matrix(a, norm);
  }

  /**
   * Returns {@code (Σ |x|^p)^(1/p)} over these axes, over all if none is given. p may be infinite:
   * the largest, or smallest, magnitude; for 0 it is the number of elements that are not 0.
   */
  public static Tensor vectorNorm(Tensor x, double p, int... axes) {
    return MatrixNorms.vector(x, p, axes);
  }

  /**
   * Returns the matrix exponential {@code eᵃ} by Padé's approximation with scaling and squaring:
   * Higham, "The scaling and squaring method for the matrix exponential revisited", SIAM J. Matrix
   * Anal. Appl. 26 (2005). NaN where more than 16 squarings were needed, as in JAX.
   */
  public static Tensor expm(Tensor a) {
    return MatrixFunctions.exponential(a);
  }

  /**
   * Returns the product of several matrices in the order that takes the fewest multiplications. The
   * first and the last may be vectors.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not fit
   */
  public static Tensor multiDot(Tensor... factors) {
    return MatrixProducts.multiDot(factors);
  }

  /**
   * Returns the dot products of vectors along the last axes, {@code [..., n]}; the others
   * broadcast.
   *
   * @throws dev.lockstep.error.ShapeException if the lengths differ
   */
  public static Tensor vecdot(Tensor x, Tensor y) {
    return MatrixProducts.vecdot(x, y);
  }

  /**
   * Returns the vector products of vectors along the last axes, {@code [..., 3]}; the others
   * broadcast.
   *
   * @throws dev.lockstep.error.ShapeException if the last axes are not 3
   */
  public static Tensor cross(Tensor x, Tensor y) {
    return MatrixProducts.cross(x, y);
  }

  /**
   * Returns x with {@code tensordot(a, x, x.rank()) = b}: the shape of a is that of b followed by
   * that of x, which have as many elements.
   *
   * @throws dev.lockstep.error.ShapeException if it is not
   */
  public static Tensor tensorSolve(Tensor a, Tensor b) {
    return MatrixProducts.tensorSolve(a, b);
  }

  /**
   * Returns the inverse of a as a map from its other axes to its first ones, {@code axes} many: the
   * result's shape is that of the other axes followed by that of the first.
   *
   * @throws dev.lockstep.error.ShapeException if both do not have as many elements
   */
  public static Tensor tensorInv(Tensor a, int axes) {
    return MatrixProducts.tensorInv(a, axes);
  }
}
