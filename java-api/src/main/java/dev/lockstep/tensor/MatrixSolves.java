package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Factorization;
import dev.lockstep.program.primitive.LinearSolve.LuSolve;
import dev.lockstep.program.primitive.LinearSolve.TriangularSolve;
import java.util.List;
import java.util.function.BinaryOperator;

/** The methods of {@link LinAlg} that solve systems. */
final class MatrixSolves {
  private MatrixSolves() {}

  static Tensor solve(String op, Tensor a, Tensor b) {
    return withColumns(op, a, b, false, (x, y) -> factorAndSolve(op, x, y));
  }

  /** The matrices are factored before they are repeated for a larger batch of right-hand sides. */
  private static Tensor factorAndSolve(String op, Tensor a, Tensor b) {
    Shape batch = MatrixChecks.batch(op, a, b);
    List<Tensor> factors = Trace.bindAll(new Factorization.Lu(), a.stopGradient());
    return Trace.bind(
        new LuSolve(false),
        MatrixChecks.withBatch(a, batch, 2),
        MatrixChecks.withBatch(factors.get(0), batch, 2),
        MatrixChecks.withBatch(factors.get(2), batch, 1),
        MatrixChecks.withBatch(b, batch, 2));
  }

  static Tensor inv(String op, Tensor a) {
    MatrixChecks.square(op, a);
    return Trace.staged(() -> {
      Tensor identity = Tensor.eye(a.dtype(), MatrixChecks.rows(a), MatrixChecks.rows(a));
      return factorAndSolve(op, a, identity);
    });
  }

  static Tensor triangular(String op, Tensor a, Tensor b, Triangle triangle) {
    return withColumns(op, a, b, triangle.fromRight(), (x, y) -> bind(op, x, y, triangle));
  }

  private static Tensor bind(String op, Tensor a, Tensor b, Triangle triangle) {
    Shape batch = MatrixChecks.batch(op, a, b);
    return Trace.bind(
        new TriangularSolve(
            !triangle.fromRight(),
            triangle.lower(),
            triangle.transposed(),
            triangle.unitDiagonal()),
        MatrixChecks.withBatch(a, batch, 2),
        MatrixChecks.withBatch(b, batch, 2));
  }

  static Tensor choSolve(Tensor l, Tensor b) {
    String op = "choSolve";
    return withColumns(
        op,
        l,
        b,
        false,
        (x, y) -> bind(op, x, bind(op, x, y, Triangle.LOWER), Triangle.LOWER.transpose()));
  }

  static Tensor luSolve(LinAlg.Lu factors, Tensor b) {
    String op = "luSolve";
    MatrixChecks.square(op, factors.u());
    if (!factors.p().shape().equals(factors.u().shape())
        || !factors.l().shape().equals(factors.u().shape())) {
      throw new ShapeException(
          "%s: expected factors of one shape, got p %s, l %s and u %s"
              .formatted(op, factors.p().type(), factors.l().type(), factors.u().type()));
    }
    return withColumns(
        op,
        factors.l(),
        b,
        false,
        (l, y) -> {
          MatrixChecks.batch(op, l, y);
          Tensor permuted = factors.p().cast(y.dtype()).swapAxes(-1, -2).matmul(y);
          Tensor inner = bind(op, l, permuted, Triangle.LOWER.withUnitDiagonal());
          return bind(op, ElementwiseOps.convert(factors.u(), y.dtype()), inner, Triangle.UPPER);
        });
  }

  /**
   * Applies a solver of matrices to matrices or to one vector, brought to one dtype.
   *
   * @param fromRight whether b's columns meet the matrix, not its rows
   */
  private static Tensor withColumns(
      String op, Tensor a, Tensor b, boolean fromRight, BinaryOperator<Tensor> solver) {
    MatrixChecks.square(op, a);
    MatrixChecks.floating(op, b);
    boolean vector = b.rank() == 1 && !fromRight;
    long n = MatrixChecks.rows(a);
    if (b.rank() == 0 || (b.rank() == 1 && fromRight)) {
      throw new ShapeException(
          "%s: expected right-hand sides [..., %d, k], got %s".formatted(op, n, b.type()));
    }
    int meets = vector ? 0 : fromRight ? b.rank() - 1 : b.rank() - 2;
    if (b.shape().extent(meets) != n) {
      throw new ShapeException(
          "%s: expected b of [%d] or [..., %d, k] for a of %s, got %s.%s"
              .formatted(op, n, n, a.type(), b.type(), hint(b, n)));
    }
    DType dtype = DType.promote(a.dtype(), b.dtype());
    return Trace.staged(() -> {
      Tensor x = ElementwiseOps.convert(a, dtype);
      Tensor y = ElementwiseOps.convert(b, dtype);
      return vector ? solver.apply(x, y.expandDims(-1)).squeeze(-1) : solver.apply(x, y);
    });
  }

  private static String hint(Tensor b, long n) {
    return b.rank() > 1 && b.shape().extent(b.rank() - 1) == n
        ? " For a batch of vectors: b.expandDims(-1), and squeeze(-1) the result"
        : "";
  }
}
