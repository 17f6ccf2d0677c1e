package dev.lockstep.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.error.NativeLibraryException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryCacheTest {
  private static final String FIRST = "the first test library\n";
  private static final String SECOND = "the second\n";

  @TempDir Path temporary;
  private Path base;
  private LibraryCache cache;

  @BeforeEach
  void create() {
    base = temporary.resolve("caches/lockstep");
    cache = new LibraryCache(base);
  }

  private static String line(String content, String file) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return Hash.of(bytes)
        + " "
        + bytes.length
        + " test-libraries/"
        + file
        + " test:"
        + file
        + ":1.2:linux\n";
  }

  private static LibraryManifest manifest(String... lines) {
    return LibraryManifest.parse(String.join("", lines).getBytes(StandardCharsets.UTF_8));
  }

  private static LibraryManifest good() {
    return manifest(line(FIRST, "first.so"), line(SECOND, "second.so"));
  }

  @Test
  void unpacksIntoAPrivateFolderOfVersionAndContent() throws IOException {
    Path folder = cache.folderOf(good());
    assertThat(folder.getFileName().toString()).matches("1\\.2-[0-9a-f]{16}");
    assertThat(folder.resolve("first.so")).hasContent(FIRST);
    assertThat(folder.resolve("second.so")).hasContent(SECOND);
    for (Path made : List.of(base, folder)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
          .isEqualTo("rwx------");
    }
    assertThat(entries()).containsExactlyInAnyOrder(".lock", folder.getFileName().toString());
  }

  @Test
  void unpacksOnce() throws IOException {
    Path file = cache.folderOf(good()).resolve("first.so");
    Object before = Files.getAttribute(file, "unix:ino");
    cache.folderOf(good());
    assertThat(Files.getAttribute(file, "unix:ino")).isEqualTo(before);
  }

  @Test
  void keepsAnotherVersionBesideIt() throws IOException {
    Path one = cache.folderOf(good());
    Path other = cache.folderOf(manifest(line(FIRST, "first.so")));
    assertThat(other).isNotEqualTo(one);
    assertThat(one).isDirectory();
  }

  @Test
  void replacesADamagedFolderAndRemovesUnfinishedOnes() throws IOException {
    Path folder = cache.folderOf(good());
    Files.writeString(folder.resolve("second.so"), "cut");
    Files.writeString(Files.createDirectory(base.resolve(".unpack-killed")).resolve("a"), "a");
    cache.folderOf(good());
    assertThat(folder.resolve("second.so")).hasContent(SECOND);
    assertThat(entries()).containsExactlyInAnyOrder(".lock", folder.getFileName().toString());
  }

  @Test
  void refusesContentOfAnotherHash() throws IOException {
    var changed = manifest(line(FIRST, "first.so"), line("the sec0nd\n", "second.so"));
    assertThatThrownBy(() -> cache.folderOf(changed))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContainingAll("test-libraries/second.so", "SHA-256", "test:second.so:1.2:linux");
    assertThat(entries()).containsExactly(".lock");
  }

  @Test
  void namesTheDependencyThatHoldsAMissingLibrary() {
    assertThatThrownBy(() -> cache.folderOf(manifest(line(FIRST, "absent.so"))))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContainingAll(
            "test-libraries/absent.so", "Add the runtime dependency test:absent.so:1.2:linux");
  }

  @Test
  void refusesAFolderThatOthersCanWriteTo() throws IOException {
    Files.createDirectories(base);
    Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> cache.folderOf(good()))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContainingAll(base.toString(), "rwxrwxrwx", "chmod 700");
  }

  @Test
  void refusesAFolderOfSomeoneElse() throws IOException {
    Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    assumeTrue(self.equals(0), "only root can give a folder away");
    Files.createDirectories(base);
    Files.setAttribute(base, "unix:uid", 12345);
    assertThatThrownBy(() -> cache.folderOf(good()))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContainingAll(base.toString(), "12345", "-Dlockstep.cache");
  }

  @Test
  void saysWhereItCouldNotWrite() throws IOException {
    Files.writeString(temporary.resolve("caches"), "a file");
    assertThatThrownBy(() -> cache.folderOf(good()))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContainingAll(base.toString(), "-Dlockstep.cache=FOLDER");
  }

  @Test
  void servesManyThreadsAtOnce() throws Exception {
    Callable<Path> load = () -> new LibraryCache(base).folderOf(good()).resolve("second.so");
    try (var threads = Executors.newFixedThreadPool(8)) {
      var files =
          threads.invokeAll(IntStream.range(0, 32).mapToObj(_ -> load).toList()).stream()
              .map(future -> future.resultNow())
              .collect(Collectors.toSet());
      assertThat(files).hasSize(1).allSatisfy(file -> assertThat(file).hasContent(SECOND));
    }
  }

  private List<String> entries() throws IOException {
    try (var files = Files.list(base)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
