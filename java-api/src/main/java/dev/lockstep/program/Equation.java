package dev.lockstep.program;

import java.util.List;

/**
 * One application of a primitive: {@code outputs = primitive inputs}.
 *
 * @param origin the user's source line that wrote it, or null; not part of equality
 */
public record Equation(
    Primitive primitive, List<Variable> inputs, List<Variable> outputs, StackTraceElement origin) {

  @Override
  public boolean equals(Object other) {
    return other instanceof Equation e
        && primitive.equals(e.primitive)
        && inputs.equals(e.inputs)
        && outputs.equals(e.outputs);
  }

  @Override
  public int hashCode() {
    int hash = primitive.hashCode();
    for (Variable input : inputs) {
      hash = 31 * hash + input.id();
    }
    return hash;
  }
}
