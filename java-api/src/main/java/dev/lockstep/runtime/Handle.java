package dev.lockstep.runtime;

import dev.lockstep.program.Origin;
import dev.lockstep.tensor.TensorType;
import java.lang.ref.PhantomReference;

/**
 * What outlives an {@link Array}: its reference to the buffer, dropped once, by {@link
 * Array#close}, by its scope, or after the array became unreachable.
 */
final class Handle extends PhantomReference<Array> {
  private static final boolean RECORD_ORIGINS = Boolean.getBoolean("lockstep.memory.origins");

  private final Buffer buffer;
  private final TensorType type;
  private final StackTraceElement origin;

  /** Set under the lock of {@link #shard}. */
  private volatile boolean dropped;

  /** The scope that will drop this handle; only the scope's thread reads and writes it. */
  MemoryScope scope;

  /** The list of live handles that this is in, and its links there, which its lock guards. */
  LiveHandles.Shard shard;

  Handle previous;

  Handle next;

  private Handle(Array array, TensorType type, Buffer buffer) {
    super(array, LiveHandles.UNREACHABLE);
    this.buffer = buffer;
    this.type = type;
    this.origin = RECORD_ORIGINS ? Origin.capture() : null;
  }

  /** Opens the handle of {@code array}, which takes over one reference to the buffer. */
  static Handle open(Array array, TensorType type, Buffer buffer) {
    Handle handle = new Handle(array, type, buffer);
    LiveHandles.add(handle);
    return handle;
  }

  Buffer buffer() {
    return buffer;
  }

  TensorType type() {
    return type;
  }

  /** Returns the user's line that created the tensor, or null if lines are not recorded. */
  StackTraceElement origin() {
    return origin;
  }

  boolean isDropped() {
    return dropped;
  }

  void requireUsable(String op) {
    if (dropped) {
      throw Array.closed(op, type);
    }
    buffer.requireUsable(op, type);
  }

  long acquire(String op) {
    if (!buffer.retain()) {
      throw Array.closed(op, type);
    }
    try {
      requireUsable(op);
    } catch (RuntimeException e) {
      buffer.release();
      throw e;
    }
    return buffer.address;
  }

  void release() {
    buffer.release();
  }

  void drop() {
    synchronized (shard) {
      if (dropped) {
        return;
      }
      dropped = true;
      shard.remove(this);
    }
    clear();
    buffer.release();
  }
}
