package dev.lockstep.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No golden case that passes may be lost, and none may be skipped whose ops exist. */
class GoldenTest {
  @Test
  void allCasesOfTheRepositoryPassExceptForTheListedOps() throws IOException {
    Path folder = Golden.resources();
    ByteArrayOutputStream text = new ByteArrayOutputStream();

    GoldenReport report = Golden.run(folder, new PrintStream(text, true, StandardCharsets.UTF_8));

    assertThat(report.failed())
        .as(() -> report.lastLine() + "\n" + text.toString(StandardCharsets.UTF_8))
        .isZero();
    assertThat(report.missing().keySet())
        .as("the ops in unsupported.txt; it may only shrink")
        .containsExactlyElementsOf(expectedToBeMissing(folder));
    assertThat(report.cases()).isEqualTo(4877);
  }

  private static List<String> expectedToBeMissing(Path folder) throws IOException {
    return Files.readAllLines(folder.resolve("unsupported.txt")).stream()
        .filter(line -> !line.isBlank())
        .sorted()
        .toList();
  }
}
