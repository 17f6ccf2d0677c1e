package dev.lockstep.error;

/** Says that a value is no tree of tensors, or that two trees differ in structure. */
public final class TreeException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public TreeException(String text) {
    super(text);
  }

  public TreeException(String text, Throwable cause) {
    super(text, cause);
  }
}
