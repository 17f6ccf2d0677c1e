package dev.lockstep.program.primitive;

import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The derivative of eigenvalues and eigenvectors of matrices without symmetry: {@code p = v⁻¹ da
 * v}, {@code dw = diag(p)}, {@code dv = v (F ∘ p) + v c} with {@code F_ij = 1 / (w_j - w_i)}; c
 * keeps each vector's norm at 1 and its largest component real. Giles, "An extended collection of
 * matrix derivative results", section 3.1 (2008); c as in JAX.
 */
final class EigRule {
  private EigRule() {}

  /** A complex tensor. */
  private record Complex(Tensor re, Tensor im) {
    Complex mul(Complex y) {
      return new Complex(re.mul(y.re).sub(im.mul(y.im)), re.mul(y.im).add(im.mul(y.re)));
    }

    Complex matmul(Complex y) {
      return new Complex(
          re.matmul(y.re).sub(im.matmul(y.im)), re.matmul(y.im).add(im.matmul(y.re)));
    }
  }

  /**
   * @param all values and vectors
   * @param vectors whether the vectors' tangents are wanted
   */
  static List<Tensor> tangents(List<Tensor> all, Tensor da, boolean vectors) {
    Complex w = new Complex(all.get(0), all.get(1));
    Complex v = new Complex(all.get(2), all.get(3));
    Complex p = solve(v, new Complex(da.matmul(v.re), da.matmul(v.im)));
    List<Tensor> result =
        new ArrayList<>(List.of(Matrices.diagonal(p.re), Matrices.diagonal(p.im)));
    if (!vectors) {
      return result;
    }
    Complex u = v.matmul(inverseDifferences(w).mul(p));
    Tensor size = v.re.square().add(v.im.square());
    Tensor index = size.argMax(-2).expandDims(-2).broadcastTo(size.shape().extents());
    Tensor own = Trace.bind(new Structural.Iota(size.type().with(index.dtype()), size.rank() - 2));
    Tensor largest = own.equal(index).cast(size.dtype());
    Tensor real = v.re.mul(u.re).add(v.im.mul(u.im)).sum(-2).neg();
    Tensor imaginary = largest.mul(u.im).sum(-2).div(largest.mul(v.re).sum(-2)).neg();
    Complex turn = v.mul(new Complex(real.expandDims(-2), imaginary.expandDims(-2)));
    result.add(u.re.add(turn.re));
    result.add(u.im.add(turn.im));
    return result;
  }

  /** Solves {@code v x = b} as a real system of twice the size. */
  private static Complex solve(Complex v, Complex b) {
    long n = LinearAlgebra.rows(v.re.type());
    Tensor top = Tensor.concatenate(-1, v.re, v.im.neg());
    Tensor bottom = Tensor.concatenate(-1, v.im, v.re);
    Tensor x =
        LinearSolve.LuSolve.of(
            Tensor.concatenate(-2, top, bottom), Tensor.concatenate(-2, b.re, b.im));
    return new Complex(Matrices.rows(x, 0, n), Matrices.rows(x, n, 2 * n));
  }

  private static Complex inverseDifferences(Complex w) {
    Tensor re = w.re.expandDims(-2).sub(w.re.expandDims(-1));
    Tensor im = w.im.expandDims(-2).sub(w.im.expandDims(-1));
    Tensor one = Matrices.identityLike(re);
    Tensor shifted = re.add(one);
    Tensor size = shifted.square().add(im.square());
    return new Complex(shifted.div(size).sub(one), im.neg().div(size));
  }
}
