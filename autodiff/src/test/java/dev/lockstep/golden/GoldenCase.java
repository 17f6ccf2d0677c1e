package dev.lockstep.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** One line of a golden file: a function, transforms of it, and what the result must be. */
record GoldenCase(
    String file,
    String name,
    JsonNode function,
    List<JsonNode> transforms,
    List<Value> inputs,
    List<Value> outputs,
    Tolerance tolerance) {

  static GoldenCase read(String file, JsonNode line) {
    return new GoldenCase(
        file,
        line.required("name").textValue(),
        line.required("fn"),
        items(line.required("transforms")),
        items(line.required("inputs")).stream().map(Value::read).toList(),
        items(line.required("outputs")).stream().map(Value::read).toList(),
        new Tolerance(line.required("rtol").doubleValue(), line.required("atol").doubleValue()));
  }

  private static List<JsonNode> items(JsonNode array) {
    List<JsonNode> items = new ArrayList<>();
    array.forEach(items::add);
    return items;
  }
}
