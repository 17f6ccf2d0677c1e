package dev.lockstep;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which axes {@link Lockstep#vmap} maps: written with {@link Lockstep#in} and {@link Lockstep#out}.
 */
public sealed interface Axes {
  /** No axis: the same for all examples. */
  enum None {
    NONE
  }

  /**
   * The mapped axes of the arguments.
   *
   * @param arguments one entry an argument: an axis, {@link None#NONE}, {@link Named}, or a list,
   *     map or record of such entries for the parts of a tree
   * @param size the number of examples, or -1 if it follows from the mapped arguments
   * @param name what {@link Collectives} call the batch's axis, or null
   * @param chunk how many examples run together, or -1 for all
   */
  record In(List<Object> arguments, long size, String name, long chunk) implements Axes {
    /**
     * Returns the same axes for a batch of {@code examples}, as is needed if no argument is mapped.
     */
    public In size(long examples) {
      return new In(arguments, examples, name, chunk);
    }

    /** Returns the same axes, with a name for {@link Collectives} inside of the function. */
    public In named(String axis) {
      return new In(arguments, size, Objects.requireNonNull(axis, "vmap: the name is null"), chunk);
    }

    /**
     * Returns the same axes for a batch that runs {@code examples} at a time, one chunk after the
     * other, the last one maybe smaller: the same results in the memory of one chunk. Such a batch
     * has no name, as {@link Collectives} need all examples at once.
     */
    public In chunked(long examples) {
      return new In(arguments, size, name, examples);
    }

    @Override
    public String toString() {
      return print("in(", arguments, ")")
          + (size < 0 ? "" : ".size(" + size + ")")
          + (name == null ? "" : ".named(\"" + name + "\")")
          + (chunk == -1 ? "" : ".chunked(" + chunk + ")");
    }
  }

  /**
   * The batch's axis in the results.
   *
   * @param result an entry as in {@link In}
   */
  record Out(Object result) implements Axes {
    @Override
    public String toString() {
      return print("out(", Arrays.asList(result), ")");
    }
  }

  /**
   * Entries for some components of a record, by name; components that are not named are not mapped.
   *
   * @param components the entry of each named component
   */
  record Named(Map<String, Object> components) {
    /** Returns these entries and one more. */
    public Named axis(String component, Object entry) {
      Map<String, Object> more = new LinkedHashMap<>(components);
      more.put(component, entry);
      return new Named(more);
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      components.forEach((name, entry) ->
          text.append(text.isEmpty() ? "" : ".")
              .append("axis(\"")
              .append(name)
              .append("\", ")
              .append(entry)
              .append(')'));
      return text.toString();
    }
  }

  private static String print(String start, List<Object> entries, String end) {
    String list = entries.toString();
    return start + list.substring(1, list.length() - 1) + end;
  }
}
