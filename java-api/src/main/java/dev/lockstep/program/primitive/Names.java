package dev.lockstep.program.primitive;

/** Gives primitives the names that programs print: the record's name in snake case. */
final class Names {
  private static final ClassValue<String> NAMES =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
          return type.getSimpleName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase();
        }
      };

  private Names() {}

  /** Returns {@code dot_general} for {@code DotGeneral}. */
  static String of(Class<?> type) {
    return NAMES.get(type);
  }
}
