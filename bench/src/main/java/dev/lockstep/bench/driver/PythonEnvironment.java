package dev.lockstep.bench.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The Python interpreter of the peers: the user's, or a virtual environment of our own. */
final class PythonEnvironment {
  private final String chosen;
  private final Path folder;
  private final Path log;

  PythonEnvironment(Settings settings) {
    chosen = settings.python();
    folder = settings.target().resolve("python");
    log = settings.target().resolve("python.log");
  }

  /** Returns an interpreter that has the module, installed now if it has to be. */
  Path interpreter(String module, String requirement) throws IOException {
    if (!chosen.isEmpty()) {
      return Path.of(chosen);
    }
    Path python = folder.resolve("bin/python");
    if (!Files.exists(python)) {
      Commands.run(log, List.of("python3", "-m", "venv", folder.toString()));
    }
    if (!Files.exists(folder.resolve(module + ".installed"))) {
      System.out.printf("installing %s into %s (may take minutes)%n", requirement, folder);
      Commands.run(
          log,
          List.of(
              python.toString(), "-m", "pip", "install", "--quiet", "--retries", "1", requirement));
      Files.createFile(folder.resolve(module + ".installed"));
    }
    return python;
  }
}
