package dev.lockstep.program;

import java.lang.reflect.RecordComponent;
import java.util.StringJoiner;

/** Prints a primitive as its name and its static parameters: {@code sum[axes=[0, 1]]}. */
final class PrimitivePrinter {
  private PrimitivePrinter() {}

  static String print(Primitive primitive) {
    RecordComponent[] components = primitive.getClass().getRecordComponents();
    if (components.length == 0) {
      return primitive.name();
    }
    StringJoiner text = new StringJoiner(" ", primitive.name() + "[", "]");
    for (RecordComponent component : components) {
      try {
        text.add(component.getName() + "=" + indented(component.getAccessor().invoke(primitive)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("the accessor of a public record failed: " + component, e);
      }
    }
    return text.toString();
  }

  /** Returns a parameter as text; the lines of programs stand further right than those around. */
  private static String indented(Object parameter) {
    return String.valueOf(parameter).replace("\n", "\n    ");
  }
}
