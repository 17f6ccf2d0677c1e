package dev.lockstep.error;

/**
 * Base of all exceptions that Lockstep throws on purpose. The text names the op first, then what
 * was expected, the values, and one hint.
 */
public class LockstepException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LockstepException(String text) {
    super(text);
  }

  public LockstepException(String text, Throwable cause) {
    super(text, cause);
  }
}
