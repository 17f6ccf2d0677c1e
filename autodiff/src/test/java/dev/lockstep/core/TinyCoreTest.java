package dev.lockstep.core;

import static dev.lockstep.core.TinyCore.grad;
import static dev.lockstep.core.TinyCore.jvp;
import static dev.lockstep.core.TinyCore.scalar;
import static dev.lockstep.core.TinyCore.trace;
import static dev.lockstep.core.TinyCore.vector;
import static dev.lockstep.core.TinyCore.vmap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.TinyCore.Array;
import dev.lockstep.core.TinyCore.Program;
import dev.lockstep.core.TinyCore.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The core that docs/core.md builds gives the right values, and is the code that stands there. */
class TinyCoreTest {
  private static final Path TEXT = Path.of("../docs/core.md");
  private static final Path CODE = Path.of("src/test/java/dev/lockstep/core/TinyCore.java");
  private static final Path SELF = Path.of("src/test/java/dev/lockstep/core/TinyCoreTest.java");
  private static final Pattern BLOCK = Pattern.compile("```(\\w*)\\n(.*?)```", Pattern.DOTALL);

  private static void assertClose(Value actual, double... expected) {
    assertThat(((Array) actual).data()).containsExactly(expected, Offset.offset(1e-12));
  }

  @Test
  void derivativesOfSine() {
    Function<Value, Value> f = Value::sin;
    for (double x : new double[] {-2, 0, 0.3, 5}) {
      assertClose(grad(f).apply(scalar(x)), Math.cos(x));
      assertClose(grad(grad(f)).apply(scalar(x)), -Math.sin(x));
      assertClose(grad(grad(grad(f))).apply(scalar(x)), -Math.cos(x));
      assertClose(jvp(f, scalar(x), scalar(2)), 2 * Math.cos(x));
      assertClose(jvp(grad(f), scalar(x), scalar(2)), -2 * Math.sin(x));
      assertClose(grad(t -> jvp(f, t, scalar(1))).apply(scalar(x)), -Math.sin(x));
    }
  }

  @Test
  void batches() {
    Array x = vector(1, 2, 3);
    assertClose(vmap(grad(Value::sin)).apply(x), Math.cos(1), Math.cos(2), Math.cos(3));
    assertClose(grad(t -> vmap(Value::sin).apply(t).sum(0)).apply(x), cosines(1, 2, 3));
    Array matrix = new Array(List.of(2, 3), 1, 2, 3, 4, 5, 6);
    assertClose(vmap(t -> t.mul(t).sum(0)).apply(matrix), 14, 77);
    assertClose(vmap(grad(t -> t.mul(t).sum(0))).apply(matrix), 2, 4, 6, 8, 10, 12);
    assertClose(vmap(vmap(grad(Value::sin))).apply(matrix), cosines(1, 2, 3, 4, 5, 6));
    assertClose(vmap(t -> scalar(7)).apply(x), 7, 7, 7);
  }

  private static double[] cosines(double... x) {
    return Arrays.stream(x).map(Math::cos).toArray();
  }

  @Test
  void innerFunctionsMayUseOuterArguments() {
    Function<Value, Value> f = x -> x.mul(grad(y -> x.add(y)).apply(scalar(1)));
    assertClose(grad(f).apply(scalar(5)), 1);
    Function<Value, Value> g = x -> x.mul(grad(y -> x.mul(y).mul(y)).apply(x));
    assertClose(grad(g).apply(scalar(3)), 54);
    assertClose(vmap(grad(g)).apply(vector(1, 3)), 6, 54);
    Function<Value, Value> outer = a -> vmap(b -> a.mul(b)).apply(vector(1, 2, 3)).sum(0);
    assertClose(grad(outer).apply(scalar(2)), 6);
    assertClose(grad(y -> scalar(3)).apply(vector(1, 2)), 0, 0);
  }

  @Test
  void aProgramIsAListOfEquations() {
    Program program =
        trace(List.of(List.of()), x -> List.of(x.get(0).mul(x.get(0)).sin())).program();
    assertThat(program.equations().stream().map(e -> e.op().toString()))
        .containsExactly("Mul[]", "Sin[quarters=0]");
    assertThat(TinyCore.jvp(program, 1).equations()).hasSize(7);
  }

  @Test
  void theExamplesGiveWhatTheTextSays() throws IOException {
    Function<Value, Value> f = x -> x.mul(x).sin();
    Array points = vector(0, 1, 2);
    String said = blocks("text").getLast();
    assertThat(said)
        .isEqualTo(
            "%s%n%s%n"
                .formatted(
                    line(vmap(grad(f)).apply(points)), line(grad(grad(f)).apply(scalar(1)))));
  }

  private static String line(Value value) {
    return Arrays.stream(((Array) value).data())
        .mapToObj(x -> String.format(Locale.ROOT, "%.6f", x))
        .collect(Collectors.joining(" "));
  }

  @Test
  void theTextsCodeIsThisCode() throws IOException {
    String code = trimmed(Files.readString(CODE)) + trimmed(Files.readString(SELF));
    assertThat(blocks("java")).hasSizeGreaterThan(8);
    for (String block : blocks("java")) {
      for (String excerpt : block.split("\n\n")) {
        assertThat(code).contains(trimmed(excerpt));
      }
    }
  }

  @Test
  void theTextHas250Lines() throws IOException {
    assertThat(Files.readAllLines(TEXT)).hasSizeLessThanOrEqualTo(250);
  }

  private static String trimmed(String code) {
    return code.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  private static List<String> blocks(String language) throws IOException {
    Matcher matcher = BLOCK.matcher(Files.readString(TEXT));
    return matcher
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }
}
