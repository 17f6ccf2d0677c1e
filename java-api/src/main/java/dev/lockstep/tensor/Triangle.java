package dev.lockstep.tensor;

/**
 * Which triangle of a matrix is meant, and how it is used in {@code op(triangle(a)) x = b}.
 *
 * @param lower whether it is the lower triangle, else the upper one
 * @param transposed whether op transposes
 * @param unitDiagonal whether the diagonal is taken as ones
 * @param fromRight whether {@code x op(triangle(a)) = b} is solved instead
 */
public record Triangle(boolean lower, boolean transposed, boolean unitDiagonal, boolean fromRight) {
  /** The lower triangle. */
  public static final Triangle LOWER = new Triangle(true, false, false, false);

  /** The upper triangle. */
  public static final Triangle UPPER = new Triangle(false, false, false, false);

  /** Returns the same triangle, transposed when it is used. */
  public Triangle transpose() {
    return new Triangle(lower, !transposed, unitDiagonal, fromRight);
  }

  /** Returns the same triangle with ones on the diagonal. */
  public Triangle withUnitDiagonal() {
    return new Triangle(lower, transposed, true, fromRight);
  }

  /** Returns the same triangle, on the right of the unknown. */
  public Triangle onTheRight() {
    return new Triangle(lower, transposed, unitDiagonal, true);
  }
}
