package dev.lockstep.runtime;

import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Derived;
import dev.lockstep.program.primitive.Factorization;
import dev.lockstep.program.primitive.LinearAlgebra;
import dev.lockstep.program.primitive.LinearSolve;
import java.util.ArrayList;
import java.util.List;

/** Linear algebra in plain Java, matrix by matrix, in f64. */
final class ReferenceLinearAlgebra {
  private ReferenceLinearAlgebra() {}

  static List<HostArray> apply(LinearAlgebra op, List<HostArray> operands, List<Variable> outputs) {
    if (op instanceof Derived) {
      return List.of(Derived.value(operands));
    }
    int batch = operands.getFirst().type().shape().rank() - 2;
    List<HostArray> results = new ArrayList<>();
    outputs.forEach(output -> results.add(new HostArray(output.type())));
    int count = 1;
    for (int axis = 0; axis < batch; axis++) {
      count *= Math.toIntExact(operands.getFirst().type().shape().extent(axis));
    }
    for (int i = 0; i < count; i++) {
      int matrix = i;
      List<double[][]> inputs =
          operands.stream().map(operand -> read(operand, batch, matrix)).toList();
      List<double[][]> values = compute(op, inputs);
      for (int r = 0; r < results.size(); r++) {
        write(results.get(r), batch, matrix, values.get(r));
      }
    }
    return results;
  }

  private static List<double[][]> compute(LinearAlgebra op, List<double[][]> x) {
    double[][] a = x.getFirst();
    return switch (op) {
      case Factorization.Cholesky _ -> List.<double[][]>of(ReferenceFactors.cholesky(a));
      case Factorization.Lu _ -> ReferenceFactors.lu(a);
      case Factorization.Qr qr -> ReferenceFactors.qr(a, qr.full());
      case Factorization.Eigh _ -> ReferenceSpectra.eigh(a);
      case Factorization.Svd _ -> ReferenceSpectra.svd(a);
      case Factorization.Eig _ -> ReferenceSpectra.eig(a);
      case LinearSolve.TriangularSolve solve -> List.<double[][]>of(triangular(solve, a, x.get(1)));
      case LinearSolve.LuSolve solve ->
          List.<double[][]>of(factored(solve.transposed(), x.get(1), x.get(2), x.get(3)));
      case Derived _ -> throw new IllegalStateException("computes nothing: " + op);
    };
  }

  private static double[][] triangular(LinearSolve.TriangularSolve op, double[][] a, double[][] b) {
    boolean transposes = op.transposed() == op.left();
    double[][] solution =
        substitute(
            transposes ? transpose(a, a.length) : a,
            op.lower() != transposes,
            op.unitDiagonal(),
            op.left() ? b : transpose(b, a.length));
    return op.left() ? solution : transpose(solution, b.length);
  }

  /** Solves with the lower or the upper triangle. */
  private static double[][] substitute(double[][] a, boolean lower, boolean unit, double[][] b) {
    int n = a.length;
    double[][] x = new double[b.length][];
    for (int step = 0; step < n; step++) {
      int i = lower ? step : n - 1 - step;
      x[i] = b[i].clone();
      for (int c = 0; c < x[i].length; c++) {
        for (int p = lower ? 0 : i + 1; p < (lower ? i : n); p++) {
          x[i][c] -= a[i][p] * x[p][c];
        }
        x[i][c] /= unit ? 1 : a[i][i];
      }
    }
    return x;
  }

  private static double[][] factored(
      boolean transposed, double[][] lu, double[][] permutation, double[][] b) {
    int n = lu.length;
    double[][] moved = new double[n][];
    if (!transposed) {
      for (int i = 0; i < n; i++) {
        moved[i] = b[(int) permutation[i][0]];
      }
      return substitute(lu, false, false, substitute(lu, true, true, moved));
    }
    double[][] u = substitute(transpose(lu, n), true, false, b);
    double[][] solution = substitute(transpose(lu, n), false, true, u);
    for (int i = 0; i < n; i++) {
      moved[(int) permutation[i][0]] = solution[i];
    }
    return moved;
  }

  /**
   * @param columns of a, which may have no row to tell
   */
  static double[][] transpose(double[][] a, int columns) {
    double[][] result = new double[columns][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < columns; j++) {
        result[j][i] = a[i][j];
      }
    }
    return result;
  }

  static double[][] identity(int rows, int columns) {
    double[][] result = new double[rows][columns];
    for (int i = 0; i < Math.min(rows, columns); i++) {
      result[i][i] = 1;
    }
    return result;
  }

  /** Reads one matrix of a batch; a vector is a column. */
  private static double[][] read(HostArray x, int batch, int matrix) {
    int rank = x.type().shape().rank();
    int rows = Math.toIntExact(x.type().shape().extent(batch));
    int columns = rank == batch + 1 ? 1 : Math.toIntExact(x.type().shape().extent(batch + 1));
    double[][] result = new double[rows][columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int position = (matrix * rows + i) * columns + j;
        result[i][j] = x.dtype().isFloating() ? x.floating(position) : x.whole(position);
      }
    }
    return result;
  }

  private static void write(HostArray x, int batch, int matrix, double[][] values) {
    int rank = x.type().shape().rank();
    int rows = Math.toIntExact(x.type().shape().extent(batch));
    int columns = rank == batch + 1 ? 1 : Math.toIntExact(x.type().shape().extent(batch + 1));
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int position = (matrix * rows + i) * columns + j;
        if (x.dtype().isFloating()) {
          x.set(position, values[i][j]);
        } else {
          x.set(position, (long) values[i][j]);
        }
      }
    }
  }
}
