package dev.lockstep.bindings;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * Finds native libraries inside jars: through the class loader, and, since nothing requires the
 * modules that hold them, in the jars of the module path.
 */
final class LibraryResources {
  private LibraryResources() {}

  static Optional<URL> find(String resource) throws IOException {
    URL found = LibraryResources.class.getClassLoader().getResource(resource);
    if (found != null) {
      return Optional.of(found);
    }
    for (Path jar : modulePathJars()) {
      try (var zip = new ZipFile(jar.toFile())) {
        if (zip.getEntry(resource) != null) {
          return Optional.of(URI.create("jar:" + jar.toUri() + "!/" + resource).toURL());
        }
      }
    }
    return Optional.empty();
  }

  /** Opens without the JVM-wide cache of jar files, which would keep the jar open. */
  static InputStream open(URL resource) throws IOException {
    var connection = resource.openConnection();
    connection.setUseCaches(false);
    return connection.getInputStream();
  }

  private static List<Path> modulePathJars() throws IOException {
    String modulePath = System.getProperty("jdk.module.path");
    if (modulePath == null) {
      return List.of();
    }
    var jars = Stream.<Path>builder();
    for (String entry : modulePath.split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        try (var files = Files.list(path)) {
          files.filter(LibraryResources::isJar).forEach(jars);
        }
      } else if (isJar(path)) {
        jars.add(path);
      }
    }
    return jars.build().sorted().toList();
  }

  private static boolean isJar(Path path) {
    return path.toString().endsWith(".jar") && Files.isRegularFile(path);
  }
}
