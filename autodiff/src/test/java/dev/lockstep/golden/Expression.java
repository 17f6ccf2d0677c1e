package dev.lockstep.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Evaluates the expressions of golden files. */
final class Expression {
  private Expression() {}

  static Tensor evaluate(JsonNode node, List<Tensor> arguments) {
    if (node.has("arg")) {
      return arguments.get(node.get("arg").intValue());
    }
    if (node.has("const")) {
      return Value.constant(node).tensor();
    }
    List<Tensor> operands = new ArrayList<>();
    for (JsonNode operand : node.path("in")) {
      operands.add(evaluate(operand, arguments));
    }
    return Operations.TABLE
        .get(node.required("op").textValue())
        .apply(operands, new Attributes(node.get("attrs")));
  }
}
