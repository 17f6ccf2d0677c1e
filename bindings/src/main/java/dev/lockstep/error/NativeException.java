package dev.lockstep.error;

/** Says that the native core, or a library below it, failed in a way the caller did not cause. */
public final class NativeException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public NativeException(String text) {
    super(text);
  }

  public NativeException(String text, Throwable cause) {
    super(text, cause);
  }
}
