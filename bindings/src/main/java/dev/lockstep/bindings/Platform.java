package dev.lockstep.bindings;

import dev.lockstep.error.UnsupportedPlatformException;
import java.util.Locale;
import java.util.Set;

/** The operating system and processor, named as the jars that hold native libraries name them. */
record Platform(String name) {
  private static final Set<String> BUILT = Set.of("linux-x86_64");

  static Platform current() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /**
   * Names the platform of {@code os.name} and {@code os.arch}.
   *
   * @throws UnsupportedPlatformException if no native library is built for it
   */
  static Platform of(String system, String processor) {
    String os = system.toLowerCase(Locale.ROOT);
    String machine = processor.toLowerCase(Locale.ROOT);
    String name =
        (os.startsWith("mac") ? "macosx" : os.startsWith("windows") ? "windows" : os)
            + "-"
            + switch (machine) {
              case "amd64", "x86_64", "x64" -> "x86_64";
              case "aarch64", "arm64" -> "arm64";
              default -> machine;
            };
    if (!BUILT.contains(name)) {
      throw new UnsupportedPlatformException(
          "Loading Lockstep: expected one of the platforms "
              + String.join(", ", BUILT)
              + ", got "
              + name
              + " (os.name "
              + system
              + ", os.arch "
              + processor
              + "). A library built for it can be named with -Dlockstep.library.path=FILE.");
    }
    return new Platform(name);
  }
}
