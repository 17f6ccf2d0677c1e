package dev.lockstep.runtime;

import dev.lockstep.bindings.Native;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.OutOfNativeMemoryException;
import dev.lockstep.tensor.TensorType;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Native memory of tensors: counts it, and makes the garbage collector run when it grows, because a
 * tensor of a gigabyte is a small object to the collector.
 */
public final class Memory {
  private static final int LISTED_TENSORS = 10;

  /** The references that one collection finds are surely queued when the next one's are. */
  private static final int ATTEMPTS = 3;

  private static final long COLLECTION_MILLIS = 200;

  private static final AtomicLong TENSOR_BYTES = new AtomicLong();

  private static volatile long softLimit = -1;
  private static volatile long hardLimit = -1;

  /** The tensor bytes above which the next array collects garbage; at first, limits are unknown. */
  private static volatile long collectAbove = -1;

  private Memory() {}

  /** Returns the address of a block for the elements of a tensor of this type. */
  static long allocate(TensorType type) {
    if (hardLimit < 0) {
      readLimits();
    }
    try {
      return Native.allocate(type.bytes());
    } catch (OutOfNativeMemoryException e) {
      return retrying(() -> Native.allocate(type.bytes()));
    }
  }

  /**
   * Runs an action that allocates native memory. If there is none left, frees what unreachable
   * tensors hold and runs it again.
   *
   * @throws OutOfNativeMemoryException if that was not enough; it lists the largest live tensors
   */
  public static <R> R retrying(Supplier<R> action) {
    OutOfNativeMemoryException refused = null;
    for (int i = 0; i < ATTEMPTS; i++) {
      if (refused != null) {
        collect();
        Native.trim();
      }
      try {
        return action.get();
      } catch (OutOfNativeMemoryException e) {
        refused = e;
      }
    }
    throw refused.with(
        report()
            + "\nClose tensors, compute within a Scope, or raise the limit:"
            + " NativeMemory.setLimit, -Dlockstep.memory.limit=8g.");
  }

  /** Counts a block that a tensor came to own. */
  static void added(long bytes) {
    TENSOR_BYTES.addAndGet(bytes);
  }

  /** Counts a block that was freed. */
  static void removed(long bytes) {
    TENSOR_BYTES.addAndGet(-bytes);
  }

  /**
   * Frees the memory of a few unreachable tensors. Collects garbage if tensors hold more than the
   * soft limit, and noticeably more than after the last time.
   */
  static void keepUp() {
    LiveHandles.dropSome();
    if (TENSOR_BYTES.get() > collectAbove) {
      collectOnce();
    }
  }

  private static synchronized void collectOnce() {
    if (hardLimit < 0) {
      readLimits();
    }
    if (TENSOR_BYTES.get() > collectAbove) {
      collect();
      setNextCollection();
    }
  }

  /**
   * Sets the limits that system properties state, unless that is done. Not in a static initialiser,
   * which would wrap the exception that says what is wrong with a property or the native library.
   */
  static synchronized void readLimits() {
    if (hardLimit < 0) {
      long physical = PhysicalMemory.bytes();
      long soft = ByteSize.property("lockstep.memory.soft", physical / 4);
      long hard = ByteSize.property("lockstep.memory.limit", physical / 10 * 8);
      Native.setMemoryLimit(hard);
      softLimit = soft;
      hardLimit = hard;
      setNextCollection();
    }
  }

  private static void setNextCollection() {
    long live = TENSOR_BYTES.get();
    collectAbove = Math.max(softLimit, live + Math.max(live, softLimit) / 4);
  }

  /**
   * Frees what unreachable tensors hold: runs the garbage collector and waits for what it found.
   */
  public static void collect() {
    ReferenceQueue<Object> found = new ReferenceQueue<>();
    PhantomReference<Object> probe = new PhantomReference<>(new Object(), found);
    System.gc();
    try {
      found.remove(COLLECTION_MILLIS);
      LiveHandles.dropUntilQuiet();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Reference.reachabilityFence(probe);
  }

  /** Returns the tensor bytes above which garbage is collected. */
  public static long softLimit() {
    readLimits();
    return softLimit;
  }

  /** Returns the bytes that tensors and workspaces never exceed; 0 means no limit. */
  public static long hardLimit() {
    readLimits();
    return hardLimit;
  }

  /** Sets the tensor bytes above which garbage is collected. */
  public static synchronized void setSoftLimit(long bytes) {
    requireSize("setSoftLimit", bytes);
    readLimits();
    softLimit = bytes;
    setNextCollection();
  }

  /** Sets the bytes that tensors and workspaces never exceed; 0 means no limit. */
  public static synchronized void setHardLimit(long bytes) {
    requireSize("setLimit", bytes);
    readLimits();
    Native.setMemoryLimit(bytes);
    hardLimit = bytes;
  }

  private static void requireSize(String method, long bytes) {
    if (bytes < 0) {
      throw new LockstepException(
          "NativeMemory.%s: expected a number of bytes, got %d".formatted(method, bytes));
    }
  }

  /** Returns the largest live tensors as text, one a line, the largest first. */
  public static String report() {
    List<Handle> owners = new ArrayList<>();
    Set<Buffer> seen = new HashSet<>();
    LiveHandles.forEach(handle -> {
      if (handle.buffer().ownedBytes() > 0 && seen.add(handle.buffer())) {
        owners.add(handle);
      }
    });
    owners.sort(Comparator.comparingLong((Handle h) -> h.buffer().ownedBytes()).reversed());
    if (owners.isEmpty()) {
      return "No tensor is live.";
    }
    StringBuilder text = new StringBuilder();
    text.append(
        "Live tensors: %d, %s. The largest:"
            .formatted(owners.size(), ByteSize.print(TENSOR_BYTES.get())));
    for (Handle handle : owners.subList(0, Math.min(LISTED_TENSORS, owners.size()))) {
      text.append(
          "\n  %s %s".formatted(handle.type(), ByteSize.print(handle.buffer().ownedBytes())));
      if (handle.origin() != null) {
        text.append(" created at ").append(handle.origin());
      }
    }
    return text.toString();
  }
}
