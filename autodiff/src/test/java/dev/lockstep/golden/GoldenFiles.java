package dev.lockstep.golden;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Reads the golden files of a folder: gzip, one JSON object a line. */
final class GoldenFiles {
  private static final String SUFFIX = ".jsonl.gz";
  private static final ObjectMapper JSON = new ObjectMapper();

  private GoldenFiles() {}

  /** Returns the cases of all golden files of the folder, files in name order. */
  static List<GoldenCase> read(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.filter(f -> f.getFileName().toString().endsWith(SUFFIX)).sorted().toList();
    }
    List<GoldenCase> cases = new ArrayList<>();
    for (Path file : files) {
      readFile(file, cases);
    }
    return cases;
  }

  private static void readFile(Path file, List<GoldenCase> cases) throws IOException {
    String name = file.getFileName().toString().replace(SUFFIX, "");
    int number = 0;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          cases.add(GoldenCase.read(name, JSON.readTree(line)));
        }
      }
    } catch (RuntimeException | IOException e) {
      throw new IOException("%s, line %d: %s".formatted(file, number, e.getMessage()), e);
    }
  }
}
