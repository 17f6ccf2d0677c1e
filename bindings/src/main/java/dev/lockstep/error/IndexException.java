package dev.lockstep.error;

/** Says that an index lies outside of its axis, or that there are more indices than axes. */
public final class IndexException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public IndexException(String text) {
    super(text);
  }

  public IndexException(String text, Throwable cause) {
    super(text, cause);
  }
}
