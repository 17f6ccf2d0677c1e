package dev.lockstep.runtime;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Eigenvalues and singular values of one matrix in plain Java. */
final class ReferenceSpectra {
  private static final int MOST_SWEEPS = 60;

  private ReferenceSpectra() {}

  /** Jacobi's rotations. Returns the values in ascending order, and the vectors in columns. */
  static List<double[][]> eigh(double[][] matrix) {
    int n = matrix.length;
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        a[i][j] = (matrix[i][j] + matrix[j][i]) / 2;
      }
    }
    double[][] v = ReferenceLinearAlgebra.identity(n, n);
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          if (a[p][q] != 0) {
            double angle = 0.5 * Math.atan2(2 * a[p][q], a[q][q] - a[p][p]);
            rotateColumns(a, p, q, angle);
            rotateRows(a, p, q, angle);
            rotateColumns(v, p, q, angle);
          }
        }
      }
    }
    Integer[] order = order(n, Comparator.comparingDouble(i -> a[i][i]));
    double[][] values = new double[n][1];
    double[][] vectors = new double[n][n];
    for (int j = 0; j < n; j++) {
      values[j][0] = a[order[j]][order[j]];
      for (int i = 0; i < n; i++) {
        vectors[i][j] = v[i][order[j]];
      }
    }
    return List.of(values, vectors);
  }

  /** One-sided rotations. Returns the values in descending order, u and vᵀ. */
  static List<double[][]> svd(double[][] matrix) {
    int m = matrix.length;
    int n = m == 0 ? 0 : matrix[0].length;
    if (m < n) {
      List<double[][]> transposed = svd(ReferenceLinearAlgebra.transpose(matrix, n));
      return List.of(
          transposed.get(0),
          ReferenceLinearAlgebra.transpose(transposed.get(2), m),
          ReferenceLinearAlgebra.transpose(transposed.get(1), m));
    }
    double[][] a = Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
    double[][] v = ReferenceLinearAlgebra.identity(n, n);
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          double dot = dot(a, p, q);
          if (dot != 0) {
            double angle = 0.5 * Math.atan2(2 * dot, dot(a, q, q) - dot(a, p, p));
            rotateColumns(a, p, q, angle);
            rotateColumns(v, p, q, angle);
          }
        }
      }
    }
    Integer[] order = order(n, Comparator.comparingDouble(i -> -dot(a, i, i)));
    double[][] values = new double[n][1];
    double[][] u = new double[m][n];
    double[][] vt = new double[n][n];
    for (int j = 0; j < n; j++) {
      values[j][0] = Math.sqrt(dot(a, order[j], order[j]));
      for (int i = 0; i < m; i++) {
        u[i][j] = values[j][0] == 0 ? 0 : a[i][order[j]] / values[j][0];
      }
      for (int i = 0; i < n; i++) {
        vt[j][i] = v[i][order[j]];
      }
    }
    return List.of(values, u, vt);
  }

  /** Returns real parts and imaginary parts of the values, then of the vectors. */
  static List<double[][]> eig(double[][] matrix) {
    int n = matrix.length;
    ComplexMatrix a = ComplexMatrix.of(matrix);
    double[][] re = new double[n][1];
    double[][] im = new double[n][1];
    a.eigenvalues(re, im);
    ComplexMatrix vectors = new ComplexMatrix(n, n);
    for (int j = 0; j < n; j++) {
      ComplexMatrix.of(matrix).eigenvector(re[j][0], im[j][0], vectors, j);
    }
    return List.of(re, im, vectors.re, vectors.im);
  }

  private static Integer[] order(int n, Comparator<Integer> comparator) {
    return IntStream.range(0, n).boxed().sorted(comparator).toArray(Integer[]::new);
  }

  private static double dot(double[][] a, int p, int q) {
    return Arrays.stream(a).mapToDouble(row -> row[p] * row[q]).sum();
  }

  private static void rotateColumns(double[][] a, int p, int q, double angle) {
    double c = Math.cos(angle);
    double s = Math.sin(angle);
    for (double[] row : a) {
      double x = row[p];
      row[p] = c * x - s * row[q];
      row[q] = s * x + c * row[q];
    }
  }

  private static void rotateRows(double[][] a, int p, int q, double angle) {
    double c = Math.cos(angle);
    double s = Math.sin(angle);
    for (int j = 0; j < a.length; j++) {
      double x = a[p][j];
      a[p][j] = c * x - s * a[q][j];
      a[q][j] = s * x + c * a[q][j];
    }
  }
}
