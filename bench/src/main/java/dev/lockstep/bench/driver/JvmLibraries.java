package dev.lockstep.bench.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Other libraries of the JVM. Each has a POM in bench/peers/jvm, so that one that does not resolve
 * takes no other with it, and a program that Java runs from its source.
 */
final class JvmLibraries {
  private static final Map<String, String> PROGRAMS = new LinkedHashMap<>();

  static {
    PROGRAMS.put("djl", "DjlPeer.java");
    PROGRAMS.put("tensorflow", "TensorFlowPeer.java");
    PROGRAMS.put("nd4j", "Nd4jPeer.java");
  }

  private final Settings settings;
  private final Path sources;

  JvmLibraries(Settings settings) {
    this.settings = settings;
    this.sources = settings.project().resolve("bench/peers/jvm");
  }

  List<String> names() {
    return List.copyOf(PROGRAMS.keySet());
  }

  /** Returns the command that starts a library's peer; resolves the library first. */
  List<String> command(String name) throws IOException {
    Path classPath = settings.target().resolve(name + ".classpath");
    if (!Files.exists(classPath)) {
      System.out.printf("resolving %s (may take minutes)%n", name);
      Commands.run(
          settings.target().resolve(name + "-resolve.log"),
          List.of(
              settings.maven(),
              "-B",
              "-q",
              "-f",
              sources.resolve(name + ".xml").toString(),
              "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath",
              "-Dmdep.outputFile=" + classPath));
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "--class-path",
        Files.readString(classPath).strip(),
        sources.resolve(PROGRAMS.get(name)).toString());
  }
}
