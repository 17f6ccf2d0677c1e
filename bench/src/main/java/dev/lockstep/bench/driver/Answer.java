package dev.lockstep.bench.driver;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A line that a peer answered: a flat JSON object. */
record Answer(Map<String, String> fields) {
  private static final Pattern FIELD =
      Pattern.compile("\"(\\w+)\":\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([-+.\\w]+))");

  static Answer parse(String line) {
    Map<String, String> fields = new HashMap<>();
    Matcher matcher = FIELD.matcher(line);
    while (matcher.find()) {
      String text = matcher.group(2);
      fields.put(matcher.group(1), text == null ? matcher.group(3) : text.replace("\\\"", "\""));
    }
    fields.values().removeIf("null"::equals);
    return new Answer(fields);
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  String text(String name) {
    String value = fields.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "peer: expected the field %s, got %s".formatted(name, fields));
    }
    return value;
  }

  double number(String name) {
    return Double.parseDouble(text(name));
  }
}
