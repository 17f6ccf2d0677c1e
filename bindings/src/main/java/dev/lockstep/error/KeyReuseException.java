package dev.lockstep.error;

/** Says that a random key was used twice, where uses are recorded. */
public final class KeyReuseException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public KeyReuseException(String text) {
    super(text);
  }
}
