package dev.lockstep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Rules about the sources that the compiler cannot check. */
class SourceRulesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** The classes above the bindings that hold tensor memory or show it to users. */
  private static final Set<String> TENSOR_MEMORY =
      Set.of("Array.java", "Buffer.java", "Elements.java", "Segments.java", "Tensor.java");

  @Test
  void onlyTheBindingsAndTensorMemoryTouchForeignMemory() throws IOException {
    assertThat(sources(text -> text.contains("java.lang.foreign"), "java-api", "autodiff", "bench"))
        .extracting(file -> file.getFileName().toString())
        .isSubsetOf(TENSOR_MEMORY);
  }

  @Test
  void onlyTheBindingsCallRestrictedMethods() throws IOException {
    assertThat(
            sources(
                text -> text.contains("reinterpret(") || text.contains("downcallHandle("),
                "java-api",
                "autodiff",
                "bench"))
        .isEmpty();
  }

  /** Main sources of the modules whose text satisfies the condition. */
  private static List<Path> sources(Predicate<String> condition, String... modules)
      throws IOException {
    List<Path> found = new ArrayList<>();
    for (String module : modules) {
      try (var files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> condition.test(read(file)))
            .forEach(found::add);
      }
    }
    return found;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
