package dev.lockstep.error;

/** Says that no native library is built for this operating system and processor. */
public final class UnsupportedPlatformException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public UnsupportedPlatformException(String text) {
    super(text);
  }

  public UnsupportedPlatformException(String text, Throwable cause) {
    super(text, cause);
  }
}
