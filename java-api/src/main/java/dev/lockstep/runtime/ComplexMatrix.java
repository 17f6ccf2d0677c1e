package dev.lockstep.runtime;

/** A complex matrix, for the eigenvalues of the reference backend. */
final class ComplexMatrix {
  private static final int MOST_STEPS = 400;

  final double[][] re;
  final double[][] im;

  ComplexMatrix(int rows, int columns) {
    re = new double[rows][columns];
    im = new double[rows][columns];
  }

  static ComplexMatrix of(double[][] real) {
    ComplexMatrix result = new ComplexMatrix(real.length, real.length);
    for (int i = 0; i < real.length; i++) {
      System.arraycopy(real[i], 0, result.re[i], 0, real.length);
    }
    return result;
  }

  /** Writes the eigenvalues by QR steps with shifts, from the last row up; destroys the matrix. */
  void eigenvalues(double[][] realParts, double[][] imaginaryParts) {
    for (int n = re.length; n > 0; n--) {
      for (int step = 0; step < MOST_STEPS && !isDeflated(n); step++) {
        // A shift that no real matrix is symmetric about, so that conjugate pairs part.
        double turn = step % 10 == 9 ? 1 : 0;
        qrStep(n, re[n - 1][n - 1] + turn, im[n - 1][n - 1] + (step == 0 ? 0.5 : turn));
      }
      realParts[n - 1][0] = re[n - 1][n - 1];
      imaginaryParts[n - 1][0] = im[n - 1][n - 1];
    }
  }

  private boolean isDeflated(int n) {
    double off = 0;
    double all = 0;
    for (int j = 0; j < n; j++) {
      off += j < n - 1 ? Math.hypot(re[n - 1][j], im[n - 1][j]) : 0;
      for (int i = 0; i < n; i++) {
        all += Math.hypot(re[i][j], im[i][j]);
      }
    }
    return off <= 1e-17 * all;
  }

  /** {@code a - shift = q r} by Gram and Schmidt's method, twice; then {@code a = r q + shift}. */
  private void qrStep(int n, double shiftRe, double shiftIm) {
    ComplexMatrix q = new ComplexMatrix(n, n);
    ComplexMatrix r = new ComplexMatrix(n, n);
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < n; i++) {
        q.re[i][j] = re[i][j] - (i == j ? shiftRe : 0);
        q.im[i][j] = im[i][j] - (i == j ? shiftIm : 0);
      }
      for (int pass = 0; pass < 2; pass++) {
        for (int p = 0; p < j; p++) {
          q.subtractProjection(p, j, r);
        }
      }
      double norm = 0;
      for (int i = 0; i < n; i++) {
        norm = Math.hypot(norm, Math.hypot(q.re[i][j], q.im[i][j]));
      }
      r.re[j][j] = norm;
      for (int i = 0; norm > 0 && i < n; i++) {
        q.re[i][j] /= norm;
        q.im[i][j] /= norm;
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double sumRe = i == j ? shiftRe : 0;
        double sumIm = i == j ? shiftIm : 0;
        for (int p = i; p < n; p++) {
          sumRe += r.re[i][p] * q.re[p][j] - r.im[i][p] * q.im[p][j];
          sumIm += r.re[i][p] * q.im[p][j] + r.im[i][p] * q.re[p][j];
        }
        re[i][j] = sumRe;
        im[i][j] = sumIm;
      }
    }
  }

  private void subtractProjection(int p, int j, ComplexMatrix r) {
    double dotRe = 0;
    double dotIm = 0;
    for (int i = 0; i < re.length; i++) {
      dotRe += re[i][p] * re[i][j] + im[i][p] * im[i][j];
      dotIm += re[i][p] * im[i][j] - im[i][p] * re[i][j];
    }
    r.re[p][j] += dotRe;
    r.im[p][j] += dotIm;
    for (int i = 0; i < re.length; i++) {
      re[i][j] -= dotRe * re[i][p] - dotIm * im[i][p];
      im[i][j] -= dotRe * im[i][p] + dotIm * re[i][p];
    }
  }

  /** Writes the eigenvector of a value, found by inverse iteration, to a column of {@code to}. */
  void eigenvector(double valueRe, double valueIm, ComplexMatrix to, int column) {
    int n = re.length;
    double shift = 1e-11 * (1 + Math.hypot(valueRe, valueIm));
    double[] xRe = new double[n];
    double[] xIm = new double[n];
    for (int i = 0; i < n; i++) {
      xRe[i] = 1 + 0.37 * i;
    }
    for (int iteration = 0; iteration < 4; iteration++) {
      solveShifted(valueRe + shift, valueIm, xRe, xIm);
      int largest = 0;
      double norm = 0;
      for (int i = 0; i < n; i++) {
        double size = Math.hypot(xRe[i], xIm[i]);
        norm = Math.hypot(norm, size);
        largest = size > Math.hypot(xRe[largest], xIm[largest]) ? i : largest;
      }
      double size = Math.hypot(xRe[largest], xIm[largest]);
      double turnRe = xRe[largest] / size / norm;
      double turnIm = -xIm[largest] / size / norm;
      for (int i = 0; i < n; i++) {
        double x = xRe[i];
        xRe[i] = x * turnRe - xIm[i] * turnIm;
        xIm[i] = x * turnIm + xIm[i] * turnRe;
      }
    }
    for (int i = 0; i < n; i++) {
      to.re[i][column] = xRe[i];
      to.im[i][column] = xIm[i];
    }
  }

  /** Overwrites x with {@code (a - shift)⁻¹ x}, as a real system of twice the size. */
  private void solveShifted(double shiftRe, double shiftIm, double[] xRe, double[] xIm) {
    int n = re.length;
    double[][] system = new double[2 * n][2 * n + 1];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double partRe = re[i][j] - (i == j ? shiftRe : 0);
        double partIm = im[i][j] - (i == j ? shiftIm : 0);
        system[i][j] = partRe;
        system[i][n + j] = -partIm;
        system[n + i][j] = partIm;
        system[n + i][n + j] = partRe;
      }
      system[i][2 * n] = xRe[i];
      system[n + i][2 * n] = xIm[i];
    }
    double[] x = solve(system);
    System.arraycopy(x, 0, xRe, 0, n);
    System.arraycopy(x, n, xIm, 0, n);
  }

  /** Gauss and Jordan's elimination of a system whose last column is the right-hand side. */
  private static double[] solve(double[][] rows) {
    int n = rows.length;
    for (int k = 0; k < n; k++) {
      int pivot = k;
      for (int i = k + 1; i < n; i++) {
        pivot = Math.abs(rows[i][k]) > Math.abs(rows[pivot][k]) ? i : pivot;
      }
      double[] row = rows[pivot];
      rows[pivot] = rows[k];
      rows[k] = row;
      for (int i = 0; i < n; i++) {
        double factor = i == k ? 0 : rows[i][k] / row[k];
        for (int j = k; factor != 0 && j <= n; j++) {
          rows[i][j] -= factor * row[j];
        }
      }
    }
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = rows[i][n] / rows[i][i];
    }
    return x;
  }
}
