package dev.lockstep.runtime;

/** Chooses what runs programs: the native core, or the plain-Java reference for tests. */
public final class Backends {
  private static final ScopedValue<Backend> CHOSEN = ScopedValue.newInstance();

  /** The native core; the property {@code lockstep.debug.nans} makes it look for NaN. */
  private static final Backend DEFAULT =
      Boolean.getBoolean("lockstep.debug.nans")
          ? NanBackend.around(NativeBackend.INSTANCE)
          : NativeBackend.INSTANCE;

  private Backends() {}

  /** Returns the backend of the current scope: {@link NativeBackend} if nothing else was chosen. */
  public static Backend current() {
    return CHOSEN.isBound() ? CHOSEN.get() : DEFAULT;
  }

  /** Runs {@code body} with all of its ops on another backend. */
  public static <R, X extends Throwable> R with(Backend backend, ScopedValue.CallableOp<R, X> body)
      throws X {
    return ScopedValue.where(CHOSEN, backend).call(body);
  }
}
