package dev.lockstep.error;

/** Says that the native libraries could not be found, unpacked or loaded. */
public final class NativeLibraryException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public NativeLibraryException(String text) {
    super(text);
  }

  public NativeLibraryException(String text, Throwable cause) {
    super(text, cause);
  }
}
