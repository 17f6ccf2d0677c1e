package dev.lockstep.autodiff;

import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/**
 * A cache for many threads with a limit: the oldest entry that was not used since it was last
 * looked at goes first.
 */
final class BoundedCache<K, V> {
  private final int limit;
  private final ConcurrentHashMap<K, Entry<V>> entries = new ConcurrentHashMap<>();
  private final Queue<K> order = new ConcurrentLinkedQueue<>();
  private final LongAdder misses = new LongAdder();

  BoundedCache(int limit) {
    this.limit = limit;
  }

  private static final class Entry<V> {
    final V value;
    volatile boolean used;

    Entry(V value) {
      this.value = value;
    }
  }

  /** Returns what is kept for the key, or null, which counts as a miss. */
  V get(K key) {
    Entry<V> entry = entries.get(key);
    if (entry == null) {
      misses.increment();
      return null;
    }
    if (!entry.used) {
      entry.used = true;
    }
    return entry.value;
  }

  /** Keeps a value and returns it, or the one that another thread kept first. */
  V keep(K key, V value) {
    Entry<V> first = entries.putIfAbsent(key, new Entry<>(value));
    if (first != null) {
      return first.value;
    }
    order.add(key);
    evict();
    return value;
  }

  private void evict() {
    while (entries.size() > limit) {
      K oldest = order.poll();
      if (oldest == null) {
        return;
      }
      Entry<V> entry = entries.get(oldest);
      if (entry != null && entry.used) {
        entry.used = false;
        order.add(oldest);
      } else {
        entries.remove(oldest);
      }
    }
  }

  long misses() {
    return misses.sum();
  }

  int size() {
    return entries.size();
  }
}
