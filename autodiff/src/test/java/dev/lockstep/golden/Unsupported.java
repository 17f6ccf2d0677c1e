package dev.lockstep.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.SortedSet;
import java.util.TreeSet;

/** Finds the names of ops and transforms in a case that Lockstep does not have. */
final class Unsupported {
  private Unsupported() {}

  static SortedSet<String> in(GoldenCase golden) {
    SortedSet<String> names = new TreeSet<>();
    expression(golden.function(), names);
    for (JsonNode transform : golden.transforms()) {
      String name = transform.fieldNames().next();
      if (!Transforms.NAMES.contains(name)) {
        names.add(name);
      }
    }
    return names;
  }

  private static void expression(JsonNode node, SortedSet<String> names) {
    if (!node.has("op")) {
      return;
    }
    String name = node.get("op").textValue();
    if (!Operations.TABLE.containsKey(name)) {
      names.add(name);
    }
    node.path("in").forEach(operand -> expression(operand, names));
    node.path("attrs").forEach(attribute -> expression(attribute, names));
  }
}
