package dev.lockstep.error;

/** Says that the system, or the limit set for native memory, refused an allocation. */
public final class OutOfNativeMemoryException extends LockstepException {
  private static final long serialVersionUID = 1L;

  public OutOfNativeMemoryException(String text) {
    super(text);
  }

  public OutOfNativeMemoryException(String text, Throwable cause) {
    super(text, cause);
  }

  /**
   * Returns this failure with one more paragraph, for example the list of the largest live tensors,
   * and with the same stack trace.
   */
  public OutOfNativeMemoryException with(String paragraph) {
    var richer =
        new OutOfNativeMemoryException(
            getMessage() + System.lineSeparator() + paragraph, getCause());
    richer.setStackTrace(getStackTrace());
    return richer;
  }
}
