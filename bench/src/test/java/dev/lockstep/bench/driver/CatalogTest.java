package dev.lockstep.bench.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bench.report.Row;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

class CatalogTest {
  private static final List<Catalog.Entry> ENTRIES = Catalog.entries();

  @Test
  void everyEntryIsABenchmarkWithItsParameters() {
    assertThat(ENTRIES).extracting(e -> e.row().workload()).doesNotHaveDuplicates();
    for (Catalog.Entry entry : ENTRIES) {
      assertThat(entry.benchmark().getDeclaredMethods())
          .as(entry.row().workload())
          .anyMatch(m -> m.getName().equals("lockstep") && m.isAnnotationPresent(Benchmark.class));
      assertThat(
              Arrays.stream(entry.benchmark().getDeclaredFields())
                  .filter(f -> f.isAnnotationPresent(Param.class))
                  .map(Field::getName))
          .as(entry.row().workload())
          .containsExactlyInAnyOrderElementsOf(entry.parameters().keySet());
    }
  }

  @Test
  void jaxHasEveryWorkloadThatIsComparedWithIt() throws IOException {
    String peer = Files.readString(Path.of("peers/jax_peer.py"));

    for (Catalog.Entry entry : ENTRIES) {
      Row row = entry.row();
      String name = row.workload().replaceFirst("-(\\d+|\\d+x\\d+x\\d+)$", "");
      assertThat(peer.contains("\"" + name) || peer.contains("f\"" + name))
          .as(row.workload())
          .isEqualTo(row.asked() > 0);
    }
  }

  @Test
  void theDriversNamesOfImplementations() {
    assertThat(Suite.implementation("javaLoop")).isEqualTo("java-loop");
    assertThat(Suite.implementation("lockstep")).isEqualTo("lockstep");
  }
}
