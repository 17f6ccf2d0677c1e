package dev.lockstep.error;

/** Says that a tracer was used outside its trace, or asked for a value that it does not have. */
public final class TracerException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public TracerException(String text) {
    super(text);
  }

  public TracerException(String text, Throwable cause) {
    super(text, cause);
  }
}
