package dev.lockstep.bindings;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.NativeArgumentException;
import dev.lockstep.error.NativeException;
import dev.lockstep.error.OutOfNativeMemoryException;
import dev.lockstep.error.UnsupportedException;

/** The one place where a status of the native core becomes an exception. */
final class Status {
  private static final int OK = lockstep_h.LS_OK();

  private Status() {}

  /** Returns if the call succeeded and throws the exception for its status otherwise. */
  static void check(int status) {
    if (status != OK) {
      throw exception(status, lockstep_h.ls_last_error().getString(0));
    }
  }

  static LockstepException exception(int status, String text) {
    if (status == lockstep_h.LS_INVALID_ARGUMENT()) {
      return new NativeArgumentException(text);
    }
    if (status == lockstep_h.LS_OUT_OF_MEMORY()) {
      return new OutOfNativeMemoryException(text);
    }
    if (status == lockstep_h.LS_UNSUPPORTED()) {
      return new UnsupportedException(text);
    }
    return new NativeException(text + " (status " + status + ")");
  }
}
