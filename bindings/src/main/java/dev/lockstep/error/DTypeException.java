package dev.lockstep.error;

/** Says that an operation does not take a dtype, or that dtypes do not fit each other. */
public final class DTypeException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public DTypeException(String text) {
    super(text);
  }

  public DTypeException(String text, Throwable cause) {
    super(text, cause);
  }
}
