package dev.lockstep.runtime;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.function.Consumer;

/**
 * All handles that are not dropped. Being listed here keeps a handle itself reachable, so that it
 * is enqueued when its array no longer is. Lists are sharded by thread, so that threads that create
 * tensors seldom meet at one lock.
 */
final class LiveHandles {
  static final ReferenceQueue<Array> UNREACHABLE = new ReferenceQueue<>();

  private static final int DRAINED_AN_ALLOCATION = 4;
  private static final Shard[] SHARDS = new Shard[32];

  static {
    for (int i = 0; i < SHARDS.length; i++) {
      SHARDS[i] = new Shard();
    }
    Thread.ofPlatform()
        .daemon()
        .inheritInheritableThreadLocals(false)
        .name("lockstep-memory")
        .start(LiveHandles::dropForever);
  }

  private LiveHandles() {}

  /** A doubly linked list; its monitor guards the links. */
  static final class Shard {
    private Handle first;

    private void add(Handle handle) {
      handle.next = first;
      if (first != null) {
        first.previous = handle;
      }
      first = handle;
    }

    void remove(Handle handle) {
      if (handle.previous == null) {
        first = handle.next;
      } else {
        handle.previous.next = handle.next;
      }
      if (handle.next != null) {
        handle.next.previous = handle.previous;
      }
      handle.previous = null;
      handle.next = null;
    }
  }

  static void add(Handle handle) {
    Shard shard = SHARDS[(int) Thread.currentThread().threadId() & (SHARDS.length - 1)];
    handle.shard = shard;
    synchronized (shard) {
      shard.add(handle);
    }
  }

  /** Drops a few handles of unreachable arrays, so that allocation keeps up with garbage. */
  static void dropSome() {
    Reference<? extends Array> reference = UNREACHABLE.poll();
    for (int i = 1; reference != null; i++) {
      ((Handle) reference).drop();
      reference = i < DRAINED_AN_ALLOCATION ? UNREACHABLE.poll() : null;
    }
  }

  /** Drops the handles of arrays found unreachable until none comes for a millisecond. */
  static void dropUntilQuiet() throws InterruptedException {
    Reference<? extends Array> reference = UNREACHABLE.remove(1);
    while (reference != null) {
      ((Handle) reference).drop();
      reference = UNREACHABLE.remove(1);
    }
  }

  static void forEach(Consumer<Handle> action) {
    for (Shard shard : SHARDS) {
      synchronized (shard) {
        for (Handle handle = shard.first; handle != null; handle = handle.next) {
          action.accept(handle);
        }
      }
    }
  }

  private static void dropForever() {
    while (true) {
      try {
        ((Handle) UNREACHABLE.remove()).drop();
      } catch (InterruptedException e) {
        // Nobody may stop this thread: without it, native memory would leak.
      }
    }
  }
}
