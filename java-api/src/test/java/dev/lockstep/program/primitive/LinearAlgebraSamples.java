package dev.lockstep.program.primitive;

import static dev.lockstep.tensor.DType.I32;

import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.LinearSolve.LuSolve;
import dev.lockstep.program.primitive.LinearSolve.TriangularSolve;
import dev.lockstep.program.primitive.Sample.Inside;
import dev.lockstep.program.primitive.Sample.Values;
import dev.lockstep.tensor.LinAlg;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The samples of linear algebra: matrices near one that is far from all singular cases. */
final class LinearAlgebraSamples {
  /** Has a pair of conjugate eigenvalues and a real one. */
  private static final double[][] TURN = {{0, -3, 0}, {3, 0, 0}, {0, 0, 2}};

  /** Makes every step of an elimination exchange rows. */
  private static final double[][] FLIPPED = {{0, 0, 4}, {0, 5, 0}, {6, 0, 0}};

  private LinearAlgebraSamples() {}

  static List<Sample> all() {
    List<Sample> samples = new ArrayList<>();
    samples.add(factors(new Factorization.Cholesky(), diagonal(3, 3), "f64[3, 3]", 3, 3));
    samples.add(factors(new Factorization.Cholesky(), diagonal(3, 3), "f64[2, 3, 3]", 2, 3, 3));
    samples.add(factors(new Factorization.Lu(), FLIPPED, "f64[3, 3] and i32[3] and i32[3]", 3, 3));
    samples.add(
        factors(new Factorization.Lu(), diagonal(4, 2), "f64[4, 2] and i32[2] and i32[4]", 4, 2));
    samples.add(
        factors(
            new Factorization.Lu(),
            diagonal(2, 4),
            "f64[2, 2, 4] and i32[2, 2] and i32[2, 2]",
            2,
            2,
            4));
    samples.add(
        factors(new Factorization.Qr(false), diagonal(3, 3), "f64[3, 3] and f64[3, 3]", 3, 3));
    samples.add(
        factors(new Factorization.Qr(false), diagonal(4, 2), "f64[4, 2] and f64[2, 2]", 4, 2));
    samples.add(
        factors(new Factorization.Qr(false), diagonal(2, 4), "f64[2, 2] and f64[2, 4]", 2, 4));
    samples.add(
        factors(new Factorization.Qr(true), diagonal(4, 2), "f64[4, 4] and f64[4, 2]", 4, 2));
    samples.add(
        factors(new Factorization.Eigh(true), diagonal(3, 3), "f64[3] and f64[3, 3]", 3, 3));
    samples.add(factors(new Factorization.Eigh(false), diagonal(3, 3), "f64[2, 3]", 2, 3, 3));
    samples.add(
        factors(
            new Factorization.Svd(true),
            diagonal(4, 2),
            "f64[2] and f64[4, 2] and f64[2, 2]",
            4,
            2));
    samples.add(
        factors(
            new Factorization.Svd(true),
            diagonal(2, 3),
            "f64[2] and f64[2, 2] and f64[2, 3]",
            2,
            3));
    samples.add(factors(new Factorization.Svd(false), diagonal(3, 3), "f64[3]", 3, 3));
    samples.add(
        factors(
            new Factorization.Eig(true),
            TURN,
            "f64[3] and f64[3] and f64[3, 3] and f64[3, 3]",
            3,
            3));
    samples.add(factors(new Factorization.Eig(false), TURN, "f64[3] and f64[3]", 3, 3));
    for (int flags = 0; flags < 16; flags++) {
      samples.add(
          triangular(
              new TriangularSolve(
                  (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0)));
    }
    samples.add(
        new Sample(
            new TriangularSolve(true, true, false, false),
            List.of(Values.f64(-1, 1, 2, 3, 3), Values.f64(-1, 1, 2, 3, 2)),
            "f64[2, 3, 2]",
            List.of(List.of(1)),
            near(diagonal(3, 3), UnaryOperator.identity(), List.of())));
    for (boolean transposed : new boolean[] {false, true}) {
      samples.add(
          new Sample(
              new LuSolve(transposed),
              List.of(
                  Values.f64(-1, 1, 3, 3),
                  Values.f64(-1, 1, 3, 3),
                  Values.of(I32, 0, 3, 3),
                  Values.f64(-1, 1, 3, 2)),
              "f64[3, 2]",
              List.of(List.of(3)),
              near(FLIPPED, LinearAlgebraSamples::withFactors, List.of(1, 2))));
    }
    samples.addAll(derived());
    return samples;
  }

  private static List<Sample> derived() {
    return List.of(
        new Sample(
            new Derived.LogDet(),
            List.of(
                Values.f64(-1, 1, 3, 3),
                Values.f64(-1, 1, 3, 3),
                Values.of(I32, 0, 3, 3),
                Values.f64(-1, 1)),
            "f64[]",
            List.of(),
            near(
                FLIPPED,
                x -> with(withFactors(x), 3, LinAlg.slogDet(x.getFirst()).logAbs()),
                List.of(1, 2, 3))),
        new Sample(
            new Derived.Det(),
            List.of(Values.f64(-1, 1, 4, 4), Values.f64(-1, 1)),
            "f64[]",
            List.of(),
            near(diagonal(4, 4), x -> with(x, 1, LinAlg.det(x.getFirst())), List.of(1))),
        pseudoInverse(4, 3),
        pseudoInverse(2, 3));
  }

  private static Sample pseudoInverse(int m, int n) {
    return new Sample(
        new Derived.PseudoInverse(),
        List.of(Values.f64(-1, 1, m, n), Values.f64(-1, 1, n, m)),
        "f64[%d, %d]".formatted(n, m),
        List.of(),
        near(diagonal(m, n), x -> with(x, 1, LinAlg.pinv(x.getFirst())), List.of(1)));
  }

  private static Sample triangular(TriangularSolve op) {
    return new Sample(
        op,
        List.of(
            Values.f64(-1, 1, 3, 3), op.left() ? Values.f64(-1, 1, 3, 2) : Values.f64(-1, 1, 2, 3)),
        op.left() ? "f64[3, 2]" : "f64[2, 3]",
        List.of(List.of(1)),
        near(diagonal(3, 3), UnaryOperator.identity(), List.of()));
  }

  private static Sample factors(Primitive op, double[][] centre, String expected, long... extents) {
    return new Sample(
        op,
        List.of(Values.f64(-1, 1, extents)),
        expected,
        List.of(),
        near(centre, UnaryOperator.identity(), List.of()));
  }

  /** Adds a matrix to the first operand. */
  private static Inside near(
      double[][] centre, UnaryOperator<List<Tensor>> derive, List<Integer> derived) {
    return new Inside(x -> with(x, 0, x.getFirst().mul(0.5).add(matrix(centre))), derive, derived);
  }

  private static List<Tensor> withFactors(List<Tensor> x) {
    List<Tensor> factors = Trace.bindAll(new Factorization.Lu(), x.getFirst());
    return with(with(x, 1, factors.get(0)), 2, factors.get(2));
  }

  private static List<Tensor> with(List<Tensor> x, int position, Tensor value) {
    List<Tensor> result = new ArrayList<>(x);
    result.set(position, value);
    return result;
  }

  private static Tensor matrix(double[][] rows) {
    int columns = rows[0].length;
    double[] flat = new double[rows.length * columns];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = rows[i / columns][i % columns];
    }
    return Tensor.of(flat, Shape.of(rows.length, columns));
  }

  /** Has 4, 6, 8 … on the diagonal. */
  private static double[][] diagonal(int m, int n) {
    double[][] result = new double[m][n];
    for (int i = 0; i < Math.min(m, n); i++) {
      result[i][i] = 4 + 2 * i;
    }
    return result;
  }
}
