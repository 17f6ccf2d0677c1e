package dev.lockstep.program;

import java.util.Set;

/** Finds the user's source line: the first stack frame that is not Lockstep's own. */
public final class Origin {
  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
  private static final Set<String> OWN_PACKAGES =
      Set.of(
          "dev.lockstep",
          "dev.lockstep.tensor",
          "dev.lockstep.program",
          "dev.lockstep.program.primitive",
          "dev.lockstep.autodiff",
          "dev.lockstep.compiler",
          "dev.lockstep.runtime");

  /** By class, since a trace asks for a line with every op. */
  private static final ClassValue<Boolean> IS_OWN =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          return isOwn(type.getName());
        }
      };

  private Origin() {}

  /** Returns the innermost frame of the user's code, or null if there is none. */
  public static StackTraceElement capture() {
    return WALKER.walk(frames ->
        frames
            .filter(frame -> !IS_OWN.get(frame.getDeclaringClass()))
            .findFirst()
            .map(StackWalker.StackFrame::toStackTraceElement)
            .orElse(null));
  }

  /** Returns the innermost frame of the user's code that an exception came from, or null. */
  public static StackTraceElement of(Throwable thrown) {
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (!isOwn(frame.getClassName())) {
        return frame;
      }
    }
    return null;
  }

  /** Returns {@code (Pricing.java:12)}, or {@code (unknown line)}. */
  public static String print(StackTraceElement origin) {
    return origin == null
        ? "(unknown line)"
        : "(" + origin.getFileName() + ":" + origin.getLineNumber() + ")";
  }

  private static boolean isOwn(String className) {
    if (className.startsWith("java.") || className.startsWith("jdk.")) {
      return true;
    }
    if (!className.startsWith("dev.lockstep.")) {
      return false;
    }
    return OWN_PACKAGES.contains(className.substring(0, className.lastIndexOf('.')))
        && !className.endsWith("Test")
        && !className.contains("Test$");
  }
}
