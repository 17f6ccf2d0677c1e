package dev.lockstep.runtime;

import java.util.Arrays;
import java.util.List;

/** Factorisations of one matrix in plain Java. */
final class ReferenceFactors {
  private ReferenceFactors() {}

  static double[][] cholesky(double[][] a) {
    int n = a.length;
    double[][] l = new double[n][n];
    for (int j = 0; j < n; j++) {
      for (int i = j; i < n; i++) {
        double sum = (a[i][j] + a[j][i]) / 2;
        for (int p = 0; p < j; p++) {
          sum -= l[i][p] * l[j][p];
        }
        if (i == j && !(sum > 0)) {
          return indefinite(n);
        }
        l[i][j] = i == j ? Math.sqrt(sum) : sum / l[j][j];
      }
    }
    return l;
  }

  private static double[][] indefinite(int n) {
    double[][] l = new double[n][n];
    for (int i = 0; i < n; i++) {
      Arrays.fill(l[i], 0, i + 1, Double.NaN);
    }
    return l;
  }

  /** Returns both factors in one, the pivots, the permutation. */
  static List<double[][]> lu(double[][] a) {
    int m = a.length;
    int n = m == 0 ? 0 : a[0].length;
    double[][] lu = Arrays.stream(a).map(double[]::clone).toArray(double[][]::new);
    double[][] pivots = new double[Math.min(m, n)][1];
    double[][] permutation = new double[m][1];
    for (int i = 0; i < m; i++) {
      permutation[i][0] = i;
    }
    for (int k = 0; k < pivots.length; k++) {
      int pivot = k;
      for (int i = k + 1; i < m; i++) {
        pivot = Math.abs(lu[i][k]) > Math.abs(lu[pivot][k]) ? i : pivot;
      }
      pivots[k][0] = pivot;
      swap(lu, k, pivot);
      swap(permutation, k, pivot);
      for (int i = k + 1; i < m; i++) {
        lu[i][k] /= lu[k][k] == 0 ? 1 : lu[k][k];
        for (int j = k + 1; j < n; j++) {
          lu[i][j] -= lu[i][k] * lu[k][j];
        }
      }
    }
    return List.of(lu, pivots, permutation);
  }

  private static void swap(double[][] rows, int i, int j) {
    double[] row = rows[i];
    rows[i] = rows[j];
    rows[j] = row;
  }

  /** Householder reflections; the diagonal of r has the sign opposite to what it replaces. */
  static List<double[][]> qr(double[][] a, boolean full) {
    int m = a.length;
    int n = m == 0 ? 0 : a[0].length;
    int least = Math.min(m, n);
    int k = full ? m : least;
    double[][] r = Arrays.stream(a).map(double[]::clone).toArray(double[][]::new);
    double[][] vectors = new double[least][];
    for (int j = 0; j < least; j++) {
      double[] v = new double[m];
      double rest = 0;
      for (int i = j; i < m; i++) {
        v[i] = r[i][j];
        rest += i > j ? v[i] * v[i] : 0;
      }
      double norm = Math.sqrt(v[j] * v[j] + rest);
      v[j] += Math.copySign(norm, v[j]);
      vectors[j] = rest == 0 ? new double[m] : v;
      reflect(vectors[j], r);
    }
    double[][] q = ReferenceLinearAlgebra.identity(m, k);
    for (int j = least - 1; j >= 0; j--) {
      reflect(vectors[j], q);
    }
    double[][] upper = new double[k][n];
    for (int i = 0; i < k; i++) {
      for (int j = i; j < n; j++) {
        upper[i][j] = r[i][j];
      }
    }
    return List.of(q, upper);
  }

  /** Applies {@code 1 - 2 v vᵀ / vᵀv}; a zero vector reflects nothing. */
  private static void reflect(double[] v, double[][] x) {
    double square = Arrays.stream(v).map(e -> e * e).sum();
    for (int j = 0; square != 0 && j < x[0].length; j++) {
      double dot = 0;
      for (int i = 0; i < v.length; i++) {
        dot += v[i] * x[i][j];
      }
      for (int i = 0; i < v.length; i++) {
        x[i][j] -= 2 * dot / square * v[i];
      }
    }
  }
}
