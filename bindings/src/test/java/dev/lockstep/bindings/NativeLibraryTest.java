package dev.lockstep.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.bindings.generated.lockstep_h;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads the library in processes of its own, since one process loads it once. */
class NativeLibraryTest {
  /** All of this test's class path and module path. */
  private static final String CLASS_PATH =
      System.getProperty("java.class.path") + ":" + System.getProperty("jdk.module.path", "");

  /** Unpacked once for all tests. */
  @TempDir static Path cache;

  @TempDir Path temporary;

  private static Process start(String classPath, List<String> options, String what)
      throws IOException {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(List.of("-cp", classPath, Loading.class.getName(), what));
    return java(arguments);
  }

  private static Process java(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static List<String> linesOf(Process process) throws Exception {
    var lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(process.waitFor()).as(lines.toString()).isZero();
    return lines;
  }

  private String cache() {
    return "-Dlockstep.cache=" + cache;
  }

  private static List<String> load(String... options) throws Exception {
    return linesOf(start(CLASS_PATH, List.of(options), "load"));
  }

  @Test
  void isUnpackedAndLoadedByManyProcessesAtOnce() throws Exception {
    List<Process> processes = new ArrayList<>();
    String empty = "-Dlockstep.cache=" + temporary.resolve("cache");
    for (int i = 0; i < 4; i++) {
      processes.add(start(CLASS_PATH, List.of(empty), "load"));
    }
    for (Process process : processes) {
      assertThat(linesOf(process)).containsExactly("loaded " + Native.version());
    }
    try (var entries = Files.list(temporary.resolve("cache"))) {
      assertThat(entries.filter(Files::isDirectory)).hasSize(1);
    }
  }

  @Test
  void isLoadedByTwoClassLoadersOfOneProcess() throws Exception {
    assertThat(linesOf(start(CLASS_PATH, List.of(cache()), "load-twice")))
        .containsExactly("loaded " + Native.version(), "loaded " + Native.version());
  }

  @Test
  void isFoundInJarsOfTheModulePathThatNothingRequires() throws Exception {
    String modulePath =
        entries(
            entry -> entry.contains("dnnl") || entry.contains("openblas") || isNativeJar(entry));
    String module = entries(entry -> entry.contains("/bindings/target/classes"));
    String patch =
        entries(
            entry -> entry.contains("test-classes") || entry.contains("/native/target/classes"));
    var arguments =
        List.of(
            cache(),
            "--enable-native-access=lockstep.bindings",
            "-p",
            module + ":" + modulePath,
            "--patch-module",
            "lockstep.bindings=" + patch,
            "-m",
            "lockstep.bindings/" + Loading.class.getName(),
            "load");
    assertThat(linesOf(java(arguments))).containsExactly("loaded " + Native.version());
  }

  private static boolean isNativeJar(String entry) {
    return entry.contains("/lockstep-native") && entry.endsWith(".jar");
  }

  private static String entries(Predicate<String> wanted) {
    return Stream.of(CLASS_PATH.split(":")).filter(wanted).collect(Collectors.joining(":"));
  }

  @Test
  void isTakenFromTheFolderOrFileThatThePropertyNames() throws Exception {
    load(cache());
    Path folder;
    try (var entries = Files.list(cache)) {
      folder = entries.filter(Files::isDirectory).findFirst().orElseThrow();
    }
    Path linked = Files.createSymbolicLink(temporary.resolve("elsewhere"), folder);
    Path empty = temporary.resolve("cache");
    for (Path path : List.of(linked, linked.resolve("liblockstep.so"))) {
      assertThat(load("-Dlockstep.cache=" + empty, "-Dlockstep.library.path=" + path))
          .containsExactly("loaded " + Native.version());
    }
    assertThat(empty).doesNotExist();
  }

  @Test
  void namesWhatThePropertyLacks() throws Exception {
    assertThat(load("-Dlockstep.library.path=" + temporary))
        .singleElement()
        .asString()
        .contains("NativeLibraryException", temporary.resolve("liblockstep.so").toString());
  }

  @Test
  void passesOnTheReasonOfTheDynamicLinker() throws Exception {
    Path file = Files.writeString(temporary.resolve("liblockstep.so"), "no library");
    assertThat(load("-Dlockstep.library.path=" + file))
        .last()
        .asString()
        .contains("NativeLibraryException", file.toString(), "file too short");
  }

  @Test
  void refusesALibraryOfAnotherAbi() throws Exception {
    Path other = Path.of("/lib/x86_64-linux-gnu/libm.so.6");
    assumeTrue(Files.exists(other));
    assertThat(load("-Dlockstep.library.path=" + other))
        .singleElement()
        .asString()
        .contains(
            "NativeLibraryException",
            "expected ABI version " + lockstep_h.LS_ABI_VERSION(),
            "a library without one");
  }

  @Test
  void namesTheDependencyThatHoldsAMissingJar() throws Exception {
    for (String name : List.of("lockstep-native", "dnnl", "openblas")) {
      String without =
          Stream.of(CLASS_PATH.split(":"))
              .filter(entry ->
                  !entry.contains("/" + name + "-")
                      && !(name.equals("lockstep-native") && entry.contains("/native/target/")))
              .reduce((a, b) -> a + ":" + b)
              .orElseThrow();
      var cache = "-Dlockstep.cache=" + temporary.resolve(name);
      assertThat(linesOf(start(without, List.of(cache), "load")))
          .singleElement()
          .asString()
          .contains("NativeLibraryException", "Add the runtime dependency", ":" + name);
    }
  }

  @Test
  void refusesAPlatformThatItIsNotBuiltFor() throws Exception {
    assertThat(load("-Dos.arch=riscv64"))
        .singleElement()
        .asString()
        .contains("UnsupportedPlatformException", "linux-riscv64");
  }
}
