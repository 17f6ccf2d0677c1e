package dev.lockstep.error;

/** Says which op made NaN from operands without NaN, in a scope that looks for it. */
public final class NanException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public NanException(String text) {
    super(text);
  }
}
