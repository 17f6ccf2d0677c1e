package dev.lockstep.error;

/** Says that a valid request cannot be served by this build or on this machine. */
public final class UnsupportedException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public UnsupportedException(String text) {
    super(text);
  }

  public UnsupportedException(String text, Throwable cause) {
    super(text, cause);
  }
}
