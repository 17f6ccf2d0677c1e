package dev.lockstep.examples;

import dev.lockstep.tensor.Index;
import dev.lockstep.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers in named columns, read from a CSV file among the examples' resources.
 *
 * @param names the columns' names
 * @param values {@code f64[rows, columns]}
 */
record Table(List<String> names, Tensor values) {
  static Table read(String file) {
    try (InputStream in = Table.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("table: expected a file of the examples, got " + file);
      }
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      List<String> names = List.of(lines.readLine().split(","));
      double[][] rows = lines.lines().map(Table::numbers).toArray(double[][]::new);
      return new Table(names, Tensor.of(rows));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double[] numbers(String line) {
    return Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray();
  }

  /** Returns a column by its name, {@code f64[rows]}. */
  Tensor column(String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("table: expected one of " + names + ", got " + name);
    }
    return values.get(Index.all(), Index.at(index));
  }

  /** Returns all columns but the last, {@code f64[rows, columns - 1]}. */
  Tensor features() {
    return values.get(Index.all(), Index.until(-1));
  }
}
