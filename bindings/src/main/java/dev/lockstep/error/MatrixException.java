package dev.lockstep.error;

/** A matrix is singular, not positive definite or not finite where that is asked for. */
public final class MatrixException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public MatrixException(String message) {
    super(message);
  }
}
