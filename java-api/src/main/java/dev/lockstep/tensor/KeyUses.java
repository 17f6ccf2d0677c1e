package dev.lockstep.tensor;

import dev.lockstep.error.KeyReuseException;
import dev.lockstep.program.Origin;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Who used which key, where the system property {@code lockstep.debug.keys} is on. A key is known
 * by its tensor; one element of a batched key by its place there.
 */
final class KeyUses {
  private static final KeyUses CURRENT =
      Boolean.getBoolean("lockstep.debug.keys") ? new KeyUses() : null;

  /** Tensors are equal only to themselves. */
  private final Map<Tensor, Uses> known = new WeakHashMap<>();

  private static final class Uses {
    private final Map<Long, Uses> elements = new HashMap<>();
    private String op;
    private StackTraceElement line;
  }

  KeyUses() {}

  /** Records a use of the key, if uses are recorded. */
  static void record(String op, Tensor words) {
    if (CURRENT != null) {
      CURRENT.use(op, words);
    }
  }

  /** Records that a tensor is one element of a batched key, if uses are recorded. */
  static void recordElement(Tensor words, long index, Tensor element) {
    if (CURRENT != null) {
      CURRENT.element(words, index, element);
    }
  }

  /**
   * Notes a use.
   *
   * @throws KeyReuseException if the key was used before
   */
  synchronized void use(String op, Tensor words) {
    Uses uses = known.computeIfAbsent(words, _ -> new Uses());
    StackTraceElement line = Origin.capture();
    if (uses.op != null) {
      throw new KeyReuseException(
          ("%s: the key %s is used a second time at %s; its first use was %s at %s. Two uses of one"
                  + " key give dependent numbers; split it: key.split(2).get(0)")
              .formatted(op, words, Origin.print(line), uses.op, Origin.print(uses.line)));
    }
    uses.op = op;
    uses.line = line;
  }

  synchronized void element(Tensor words, long index, Tensor element) {
    Uses uses = known.computeIfAbsent(words, _ -> new Uses());
    long place = index < 0 ? index + words.shape().extent(0) : index;
    known.put(element, uses.elements.computeIfAbsent(place, _ -> new Uses()));
  }
}
