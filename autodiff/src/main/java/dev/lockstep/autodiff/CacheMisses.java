package dev.lockstep.autodiff;

import dev.lockstep.error.LockstepException;
import dev.lockstep.program.Origin;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.WeakHashMap;

/** Why a function under {@code jit} was traced: its cache's misses, the last ones of many. */
public final class CacheMisses {
  private static final int KEPT = 100;

  /** By the function that jit returned, as long as the user has it. */
  private static final Map<Object, CacheMisses> ALL =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final List<Miss> last = new ArrayList<>();
  private int total;

  CacheMisses() {}

  private record Miss(
      Tree.Structure structure, List<TensorType> types, boolean kept, StackTraceElement line) {}

  /** Remembers whose misses these are; returns the function. */
  public static <F> F of(F jitted, CompiledFunction function) {
    ALL.put(jitted, function.misses());
    return jitted;
  }

  /** Returns what {@link dev.lockstep.Lockstep#explain} says. */
  public static String explain(Object jitted) {
    CacheMisses misses = ALL.get(jitted);
    if (misses == null) {
      throw new LockstepException(
          "explain: expected a function that jit returned, got "
              + jitted
              + ". Keep what jit returns in a variable and explain that.");
    }
    return misses.explain();
  }

  synchronized void add(Tree.Structure structure, List<TensorType> types, boolean kept) {
    total++;
    if (last.size() == KEPT) {
      last.removeFirst();
    }
    last.add(new Miss(structure, List.copyOf(types), kept, Origin.capture()));
  }

  private synchronized String explain() {
    StringBuilder text = new StringBuilder("traced ").append(total);
    text.append(total == 1 ? " time" : " times");
    int first = total - last.size();
    for (int i = 0; i < last.size(); i++) {
      Miss miss = last.get(i);
      text.append("\n%d. %s at %s".formatted(first + i + 1, types(miss), Origin.print(miss.line)));
      if (!miss.kept) {
        text.append(": not kept, it uses tensors of an enclosing transform");
      } else if (i > 0) {
        text.append(": ").append(difference(last.get(i - 1), miss));
      }
    }
    return text.toString();
  }

  private static String types(Miss miss) {
    StringJoiner types = new StringJoiner(", ");
    miss.types.forEach(type -> types.add(type.toString()));
    return types.toString();
  }

  private static String difference(Miss before, Miss now) {
    if (!before.structure.equals(now.structure)) {
      return "the arguments' structure was " + before.structure + ", is " + now.structure;
    }
    StringJoiner differences = new StringJoiner("; ");
    for (int i = 0; i < now.types.size(); i++) {
      TensorType was = before.types.get(i);
      if (!was.equals(now.types.get(i))) {
        differences.add(now.structure.path(i) + " was " + was);
      }
    }
    return differences.length() == 0
        ? "as before; it was no longer in the cache, or not kept"
        : differences.toString();
  }
}
