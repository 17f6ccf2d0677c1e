package dev.lockstep.runtime;

import dev.lockstep.error.LockstepException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What {@link dev.lockstep.tensor.Scope} stands on: the handles that one thread opened within a
 * block.
 */
public final class MemoryScope {
  /** Spares threads without a scope the thread-local while no thread has one. */
  private static final AtomicInteger OPEN = new AtomicInteger();

  private static final ThreadLocal<MemoryScope> CURRENT = new ThreadLocal<>();
  private static final int FIRST_SWEEP = 256;

  private final Thread owner = Thread.currentThread();
  private final MemoryScope parent;
  private final List<Handle> handles = new ArrayList<>();
  private int sweepAt = FIRST_SWEEP;
  private boolean closed;

  private MemoryScope(MemoryScope parent) {
    this.parent = parent;
  }

  /** Opens a scope within the thread's current one. */
  public static MemoryScope open() {
    MemoryScope scope = new MemoryScope(CURRENT.get());
    CURRENT.set(scope);
    OPEN.incrementAndGet();
    return scope;
  }

  /** Runs {@code body} as if this thread had no scope open. */
  public static <R> R outside(Supplier<R> body) {
    if (OPEN.get() == 0) {
      return body.get();
    }
    MemoryScope before = CURRENT.get();
    CURRENT.set(null);
    try {
      return body.get();
    } finally {
      CURRENT.set(before);
    }
  }

  static void register(Handle handle) {
    if (OPEN.get() != 0) {
      MemoryScope scope = CURRENT.get();
      if (scope != null) {
        scope.add(handle);
      }
    }
  }

  /** Leaves the array to the enclosing scope, or to the garbage collector if there is none. */
  public void keep(Array array) {
    requireUsable("keep");
    Handle handle = array.handle();
    if (handle != null && handle.scope == this) {
      handle.scope = null;
      if (parent != null) {
        parent.add(handle);
      }
    }
  }

  /** Closes all arrays of this scope that were not kept. Twice does nothing. */
  public void close() {
    if (closed) {
      return;
    }
    requireUsable("close");
    closed = true;
    OPEN.decrementAndGet();
    CURRENT.set(parent);
    for (Handle handle : handles) {
      if (handle.scope == this) {
        handle.drop();
      }
    }
  }

  private void add(Handle handle) {
    if (handles.size() == sweepAt) {
      handles.removeIf(h -> h.isDropped() || h.scope != this);
      sweepAt = Math.max(FIRST_SWEEP, 2 * handles.size());
    }
    handle.scope = this;
    handles.add(handle);
  }

  private void requireUsable(String method) {
    if (owner != Thread.currentThread()) {
      throw new LockstepException(
          "Scope.%s: the scope belongs to the thread %s; it was called in the thread %s."
              .formatted(method, owner.getName(), Thread.currentThread().getName()));
    }
    if (closed) {
      throw new LockstepException("Scope." + method + ": the scope is closed.");
    }
    if (CURRENT.get() != this) {
      throw new LockstepException(
          "Scope."
              + method
              + ": an inner scope is still open. Close scopes in reverse order, best by try (Scope"
              + " scope = Scope.open()).");
    }
  }
}
