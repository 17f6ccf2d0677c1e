package dev.lockstep.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The harness itself must see what is wrong. */
class GoldenHarnessTest {
  private static final String SQUARE =
      """
      {"op": "multiply", "in": [{"arg": 0}, {"arg": 0}]}\
      """;

  @TempDir Path folder;
  private ByteArrayOutputStream text;

  @BeforeEach
  void emptyText() {
    text = new ByteArrayOutputStream();
  }

  @Test
  void acceptsWhatIsWithinTheTolerance() throws IOException {
    GoldenReport report = run(line("a", SQUARE, floats(2, 3), floats(4, 9.0001f)));

    assertThat(report.lastLine()).isEqualTo("golden: 1 passed, 0 failed, 0 unsupported");
  }

  @Test
  void reportsTheFirstElementThatDiffers() throws IOException {
    GoldenReport report = run(line("wrong", SQUARE, floats(2, 3), floats(4, 9.1f)));

    assertThat(report.failed()).isEqualTo(1);
    assertThat(text.toString(StandardCharsets.UTF_8))
        .contains("FAILED cases wrong", "f32[2] at [1]", "got 9.0", "1 of 2 elements");
  }

  @Test
  void nanEqualsNanOnly() throws IOException {
    GoldenReport report =
        run(
            line("same", SQUARE, floats(Float.NaN), floats(Float.NaN)),
            line("expected", SQUARE, floats(1), floats(Float.NaN)),
            line("got", SQUARE, floats(Float.NaN), floats(1)));

    assertThat(report.lastLine()).isEqualTo("golden: 1 passed, 2 failed, 0 unsupported");
  }

  @Test
  void infinitiesMustHaveTheSign() throws IOException {
    GoldenReport report =
        run(
            line("same", SQUARE, floats(1e30f), floats(Float.POSITIVE_INFINITY)),
            line("other", SQUARE, floats(1e30f), floats(Float.NEGATIVE_INFINITY)),
            line("finite", SQUARE, floats(1e30f), floats(1e38f)));

    assertThat(report.lastLine()).isEqualTo("golden: 1 passed, 2 failed, 0 unsupported");
  }

  @Test
  void theShapeMustBeEqual() throws IOException {
    GoldenReport report =
        run(line("shape", SQUARE, floats(2), floats(4).replace("\"shape\": [1]", "\"shape\": []")));

    assertThat(report.failed()).isEqualTo(1);
    assertThat(text.toString(StandardCharsets.UTF_8)).contains("expected f32[], got f32[1]");
  }

  @Test
  void anExceptionIsAFailure() throws IOException {
    GoldenReport report =
        run(
            line(
                "missing argument",
                SQUARE.replace("\"arg\": 0}]", "\"arg\": 3}]"),
                floats(2),
                floats(4)),
            line("next", SQUARE, floats(2), floats(4)));

    assertThat(report.lastLine()).isEqualTo("golden: 1 passed, 1 failed, 0 unsupported");
    assertThat(text.toString(StandardCharsets.UTF_8)).contains("Exception");
  }

  @Test
  void unknownOpsAndTransformsAreCountedByName() throws IOException {
    String unknown = SQUARE.replace("multiply", "bessel");
    GoldenReport report =
        run(
            line("op", unknown, floats(2), floats(4)),
            line("both", unknown, floats(2), floats(4)).replace("[]}", "[{\"pmap\": {}}]}"));

    assertThat(report.lastLine()).isEqualTo("golden: 0 passed, 0 failed, 2 unsupported");
    assertThat(report.missing()).containsEntry("bessel", 2).containsEntry("pmap", 1);
  }

  @Test
  void aFolderWithoutCasesHasNone() throws IOException {
    assertThat(Golden.run(folder, System.out).cases()).isZero();
  }

  @Test
  void aBrokenLineIsNamed() {
    assertThatThrownBy(() -> run(line("a", SQUARE, floats(2), floats(4)), "{\"name\": "))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2");
  }

  private GoldenReport run(String... lines) throws IOException {
    try (OutputStream file =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("cases.jsonl.gz")))) {
      file.write(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }
    return Golden.run(folder, new PrintStream(text, true, StandardCharsets.UTF_8));
  }

  private static String line(String name, String function, String input, String output) {
    return """
    {"name": "%s", "fn": %s, "inputs": [%s], "outputs": [%s], "rtol": 2e-4, "atol": 2e-5, \
    "transforms": []}\
    """
        .formatted(name, function, input, output);
  }

  private static String floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return """
    {"dtype": "f32", "shape": [%d], "data": "%s"}\
    """
        .formatted(values.length, Base64.getEncoder().encodeToString(bytes.array()));
  }
}
