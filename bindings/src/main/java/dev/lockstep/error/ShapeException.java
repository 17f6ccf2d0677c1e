package dev.lockstep.error;

/** Says that shapes, ranks or sizes do not fit an operation or each other. */
public final class ShapeException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public ShapeException(String text) {
    super(text);
  }

  public ShapeException(String text, Throwable cause) {
    super(text, cause);
  }
}
