package dev.lockstep.error;

/** Says that an axis is out of range, repeated or missing. */
public final class AxisException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public AxisException(String text) {
    super(text);
  }

  public AxisException(String text, Throwable cause) {
    super(text, cause);
  }
}
