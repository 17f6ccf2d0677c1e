package dev.lockstep.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bindings.generated.lockstep_h;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeneratedBindingsTest {
  private static final Path INCLUDE = Path.of("../native/include");

  @Test
  void wereGeneratedFromTheHeadersAsTheyAre() throws IOException {
    List<String> present = new ArrayList<>();
    for (String header : List.of("lockstep/lockstep.h", "lockstep/elementwise.def")) {
      present.add(Hash.of(Files.readAllBytes(INCLUDE.resolve(header))) + "  " + header);
    }
    try (var recorded = NativeLibrary.class.getResourceAsStream("headers.sha256")) {
      assertThat(new String(recorded.readAllBytes(), StandardCharsets.UTF_8).lines())
          .as("a header changed: run bindings/regenerate.sh with jextract on the PATH")
          .isEqualTo(present);
    }
  }

  @Test
  void nameEveryElementwiseOpInTheOrderOfItsNumber() throws Exception {
    List<String> names =
        Files.readAllLines(INCLUDE.resolve("lockstep/elementwise.def")).stream()
            .filter(line -> line.startsWith("LS_ELEMENTWISE("))
            .map(line -> line.substring("LS_ELEMENTWISE(".length(), line.indexOf(',')))
            .toList();
    for (int i = 0; i < names.size(); i++) {
      assertThat(lockstep_h.class.getMethod("LS_OP_" + names.get(i)).invoke(null)).isEqualTo(i);
    }
    assertThat(lockstep_h.LS_OP_COUNT()).isEqualTo(names.size());
  }

  @Test
  void holdHandlesThatTheJitTakesForConstants() {
    for (Class<?> function : lockstep_h.class.getDeclaredClasses()) {
      for (var field : function.getDeclaredFields()) {
        assertThat(
                Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers()))
            .as(field.toString())
            .isTrue();
      }
    }
  }
}
