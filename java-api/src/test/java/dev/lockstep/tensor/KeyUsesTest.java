package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.KeyReuseException;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks that the second use of a key is reported, and only that. */
class KeyUsesTest {
  private final KeyUses uses = new KeyUses();

  @Test
  void theSecondUseNamesBothLines() {
    Tensor words = Key.of(3).words();
    uses.use("split", words);
    assertThatThrownBy(() -> uses.use("normal", words))
        .isInstanceOf(KeyReuseException.class)
        .hasMessageMatching(
            "(?s)normal: the key \\[0 3\\] is used a second time at \\(KeyUsesTest.java:\\d+\\);"
                + " its first use was split at \\(KeyUsesTest.java:\\d+\\)\\. Two uses of one key"
                + " give dependent numbers; split it: key.split\\(2\\).get\\(0\\)");
  }

  @Test
  void anElementIsOneKeyHoweverItIsTaken() {
    Tensor words = Key.of(3).split(2).words();
    Tensor first = words.get(0);
    Tensor again = words.get(-2);
    Tensor second = words.get(1);
    uses.element(words, 0, first);
    uses.element(words, -2, again);
    uses.element(words, 1, second);
    uses.use("normal", first);
    uses.use("normal", second);
    assertThatThrownBy(() -> uses.use("normal", again)).isInstanceOf(KeyReuseException.class);
  }

  @Test
  void equalKeysOfTheirOwnAreNoReuse() {
    uses.use("normal", Key.of(3).words());
    uses.use("normal", Key.of(3).words());
  }

  @Test
  void withoutThePropertyAKeyMayBeUsedTwice() {
    Key key = Key.of(3);
    assertThat(key.uniform().item()).isEqualTo(key.uniform().item());
  }

  /** What a program with the property does. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      Key key = Key.of(0);
      Key keys = key.split();
      keys.get(0).normal(2);
      keys.get(1).foldIn(1).normal(2);
      keys.get(1).foldIn(2).normal(2);
      System.out.println("once each");
      try {
        key.uniform(2);
      } catch (KeyReuseException e) {
        System.out.println("caught " + e.getMessage());
      }
      try {
        keys.get(0).uniform(2);
      } catch (KeyReuseException e) {
        System.out.println("caught " + e.getMessage());
      }
    }
  }

  @Test
  void thePropertyTurnsItOn() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    command.add("-Dlockstep.debug.keys=true");
    String library = System.getProperty("lockstep.library.path");
    if (library != null) {
      command.add("-Dlockstep.library.path=" + library);
    }
    command.addAll(List.of("-cp", classPath(), Program.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("once each");
    assertThat(output.lines().filter(line -> line.startsWith("caught uniform: the key")))
        .hasSize(2);
  }

  /** Returns all classes of this process, also where a module is patched with the tests. */
  private static String classPath() throws URISyntaxException {
    Path own = Path.of(KeyUsesTest.class.getResource("KeyUsesTest.class").toURI());
    return String.join(
        File.pathSeparator,
        own.resolve("../../../..").normalize().toString(),
        System.getProperty("java.class.path"),
        System.getProperty("jdk.module.path", ""));
  }
}
