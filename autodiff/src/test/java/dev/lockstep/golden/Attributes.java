package dev.lockstep.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** The static parameters of an op in a golden expression. */
record Attributes(JsonNode node) {
  boolean has(String name) {
    return node != null && node.hasNonNull(name);
  }

  JsonNode get(String name) {
    if (!has(name)) {
      throw new IllegalArgumentException("attribute " + name + " is missing in " + node);
    }
    return node.get(name);
  }

  /** Applies an expression over arguments of its own. */
  Tensor apply(String name, Tensor... arguments) {
    return Expression.evaluate(get(name), List.of(arguments));
  }

  int integer(String name) {
    return get(name).intValue();
  }

  int integer(String name, int otherwise) {
    return has(name) ? integer(name) : otherwise;
  }

  double real(String name) {
    return get(name).doubleValue();
  }

  double real(String name, double otherwise) {
    return has(name) ? real(name) : otherwise;
  }

  String text(String name) {
    return get(name).textValue();
  }

  boolean flag(String name) {
    return has(name) && node.get(name).booleanValue();
  }

  long[] longs(String name) {
    return Value.longs(get(name));
  }

  /** Returns one entry of each row, of a list of rows such as {@code widths}. */
  long[] column(String name, int index) {
    JsonNode rows = get(name);
    long[] values = new long[rows.size()];
    Arrays.setAll(values, i -> rows.get(i).get(index).longValue());
    return values;
  }

  DType dtype(String name) {
    return Value.dtype(get(name).textValue());
  }

  /** Returns {@code axis}: none for null, one, or a list. */
  int[] axes() {
    if (!has("axis")) {
      return new int[0];
    }
    JsonNode axis = node.get("axis");
    return axis.isArray() ? integers(axis) : new int[] {axis.intValue()};
  }

  /** Returns a list; a number is a list of one. */
  int[] integers(String name) {
    JsonNode value = get(name);
    return value.isArray() ? integers(value) : new int[] {value.intValue()};
  }

  /** Returns one of several lists. */
  int[] integersOf(String name, int index) {
    return integers(get(name).get(index));
  }

  private static int[] integers(JsonNode array) {
    int[] values = new int[array.size()];
    Arrays.setAll(values, i -> array.get(i).intValue());
    return values;
  }
}
