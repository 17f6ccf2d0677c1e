package dev.lockstep.error;

/** Says that the native core refused an argument and did nothing. */
public final class NativeArgumentException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public NativeArgumentException(String text) {
    super(text);
  }

  public NativeArgumentException(String text, Throwable cause) {
    super(text, cause);
  }
}
