package dev.lockstep.runtime;

import dev.lockstep.bindings.Native;
import dev.lockstep.error.ClosedTensorException;
import dev.lockstep.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A block of native memory, counted by references: one for each handle that is not dropped and one
 * for each run that has it acquired. When the last goes, the block is freed, once.
 */
abstract sealed class Buffer {
  private static final VarHandle REFERENCES;

  static {
    try {
      REFERENCES = MethodHandles.lookup().findVarHandle(Buffer.class, "references", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final long address;
  private volatile int references = 1;

  private Buffer(long address) {
    this.address = address;
  }

  /** Adds a reference, unless the last has gone. */
  final boolean retain() {
    int count = references;
    while (count > 0) {
      if (REFERENCES.compareAndSet(this, count, count + 1)) {
        return true;
      }
      count = references;
    }
    return false;
  }

  /** Drops a reference. */
  final void release() {
    int before = (int) REFERENCES.getAndAdd(this, -1);
    if (before == 1) {
      free();
    } else if (before < 1) {
      throw new IllegalStateException("a buffer was released more often than it was acquired");
    }
  }

  /** Returns the bytes of native memory that go with the last reference. */
  abstract long ownedBytes();

  /** Throws if the memory may not be used now. */
  abstract void requireUsable(String op, TensorType type);

  abstract void free();

  /** A block of Lockstep's own allocator. */
  static final class Owned extends Buffer {
    private final long bytes;

    Owned(long address, long bytes) {
      super(address);
      this.bytes = bytes;
      Memory.added(bytes);
    }

    @Override
    long ownedBytes() {
      return bytes;
    }

    @Override
    void requireUsable(String op, TensorType type) {}

    @Override
    void free() {
      Memory.removed(bytes);
      Native.free(address, bytes);
    }
  }

  /** Memory of the user, who frees it. */
  static final class Foreign extends Buffer {
    private final MemorySegment segment;

    Foreign(MemorySegment segment) {
      super(segment.address());
      this.segment = segment;
    }

    @Override
    long ownedBytes() {
      return 0;
    }

    /** Only its own thread can close a confined arena, so it cannot close it during this call. */
    @Override
    void requireUsable(String op, TensorType type) {
      if (!segment.scope().isAlive()) {
        throw new ClosedTensorException(
            ("%s: the arena that holds the memory of the tensor %s is closed. Keep it open while"
                    + " the tensor is in use.")
                .formatted(op, type));
      }
      if (!segment.isAccessibleBy(Thread.currentThread())) {
        throw new ClosedTensorException(
            ("%s: the memory of the tensor %s belongs to the confined arena of another thread. Use"
                    + " Arena.ofShared() or Arena.ofAuto().")
                .formatted(op, type));
      }
    }

    @Override
    void free() {}
  }
}
