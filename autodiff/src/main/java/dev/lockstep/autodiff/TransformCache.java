package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.NanBackend;

/**
 * What transforms made of programs, so that a function that is traced at each call is transformed
 * once.
 */
final class TransformCache {
  private static final BoundedCache<Key, Object> CACHE =
      new BoundedCache<>(Integer.getInteger("lockstep.transforms", 4096));

  private TransformCache() {}

  private record Key(Transform<?> transform, Program program) {}

  @SuppressWarnings("unchecked") // what is kept for a Transform<T> is what it returned
  static <T> T get(Transform<T> transform, Program program) {
    if (Backends.current() instanceof NanBackend) {
      // Equal programs may come from other lines, and errors about NaN name lines.
      return transform.of(program);
    }
    Key key = new Key(transform, program);
    Object known = CACHE.get(key);
    return (T) (known == null ? CACHE.keep(key, transform.of(program)) : known);
  }

  /** Returns how many transforms were not found here. */
  static long misses() {
    return CACHE.misses();
  }
}
