package dev.lockstep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.LinAlg;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Tree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every row of docs/from-jax.md names a method that exists and that a test calls. */
class FromJaxTest {
  private static final Pattern ROW = Pattern.compile("\\| `[^`]+` \\| `(\\w+)\\.(\\w+)` \\|");
  private static final Map<String, Class<?>> CLASSES =
      Stream.<Class<?>>of(
              Tensor.class,
              Tree.class,
              LinAlg.class,
              Lockstep.class,
              Control.class,
              Collectives.class,
              Derivatives.class,
              Debug.class,
              Program.class,
              Key.class,
              Nn.class,
              Optimizers.class,
              Schedules.class)
          .collect(Collectors.toMap(Class::getSimpleName, type -> type));

  @Test
  void everyRowIsTrueAndTested() throws IOException {
    String tests = tests();
    Matcher rows = ROW.matcher(Files.readString(Path.of("../docs/from-jax.md")));
    List<String> wrong = new ArrayList<>();
    int count = 0;
    while (rows.find()) {
      count++;
      String method = rows.group(2);
      boolean exists =
          Stream.of(CLASSES.get(rows.group(1)).getMethods())
              .anyMatch(candidate -> candidate.getName().equals(method));
      boolean called = Pattern.compile("(\\b|::)" + method + "\\b\\(?").matcher(tests).find();
      if (!exists || !called) {
        wrong.add(rows.group() + (exists ? " is called by no test" : " does not exist"));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(count).isGreaterThan(150);
  }

  private static String tests() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String folder : List.of("src/test/java", "../java-api/src/test/java")) {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        files
            .filter(
                file -> file.toString().endsWith("Test.java") || file.endsWith("Operations.java"))
            .forEach(file -> text.append(read(file)));
      }
    }
    return text.toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
