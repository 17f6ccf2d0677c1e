package dev.lockstep.autodiff;

import dev.lockstep.error.AxisException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The axes that the vmaps around a function have names for. */
public final class NamedAxes {
  private static final ScopedValue<Map<String, Long>> SIZES = ScopedValue.newInstance();

  private NamedAxes() {}

  /** Returns the number of examples along each named axis around here. */
  static Map<String, Long> known() {
    return SIZES.isBound() ? SIZES.get() : Map.of();
  }

  /** Runs the body with one more named axis; with the same ones if the name is null. */
  static <R> R within(String name, long size, Supplier<R> body) {
    if (name == null) {
      return body.get();
    }
    Map<String, Long> more = new TreeMap<>(known());
    more.put(name, size);
    return ScopedValue.where(SIZES, Map.copyOf(more)).call(body::get);
  }

  /**
   * Returns the number of examples along an axis.
   *
   * @throws AxisException if no vmap around here gives the name
   */
  public static long size(String op, String axis) {
    Long size = known().get(axis);
    if (size == null) {
      throw new AxisException(
          Call.located(
              "%s: a vmap around it must name the axis \"%s\", %s; name it: vmap(f,"
                  + " in(0).named(\"%s\"))",
              op,
              axis,
              known().isEmpty()
                  ? "no axis has a name here"
                  : "the names here are " + new TreeMap<>(known()).keySet(),
              axis));
    }
    return size;
  }
}
