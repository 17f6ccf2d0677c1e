package dev.lockstep.error;

/** Says that a tensor was used after it, or its scope, was closed. */
public final class ClosedTensorException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public ClosedTensorException(String text) {
    super(text);
  }

  public ClosedTensorException(String text, Throwable cause) {
    super(text, cause);
  }
}
