package dev.lockstep.bench.report;

import static dev.lockstep.bench.report.Results.OURS;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The tables of a report. */
final class Tables {
  private static final String NONE = "–";
  private static final String THREADS = "threads-";

  private final Results results;

  Tables(Results results) {
    this.results = results;
  }

  /** Ours beside JAX and torch: medians, ratios, what is asked of them. */
  Grid ratios() {
    Grid grid =
        new Grid(
            List.of(
                "workload",
                "what",
                "Lockstep",
                "p10 … p90",
                "JAX jit",
                "JAX / ours",
                "asked",
                "reached",
                "torch",
                "torch / ours"));
    for (Row row : results.rows("")) {
      if (row.asked() > 0) {
        Measurement ours = results.find(row.workload(), OURS).orElseThrow();
        grid.row(
            List.of(
                row.workload(),
                row.description(),
                Numbers.microseconds(ours.median()),
                Numbers.microseconds(ours.percentile(10))
                    + " … "
                    + Numbers.microseconds(ours.percentile(90)),
                time(row, "jax"),
                ratio(row, "jax"),
                Numbers.ratio(row.asked()),
                reached(row),
                time(row, "torch"),
                ratio(row, "torch")));
      }
    }
    return grid;
  }

  /** Returns how many rows reach what is asked, as a sentence. */
  String summary() {
    int asked = 0;
    int reached = 0;
    int behind = 0;
    for (Row row : results.rows("")) {
      OptionalDouble ratio = results.ratio(row.workload(), "jax");
      if (row.asked() > 0 && ratio.isPresent()) {
        asked++;
        reached += ratio.getAsDouble() >= row.asked() ? 1 : 0;
      }
      OptionalDouble torch = results.ratio(row.workload(), "torch");
      behind += torch.isPresent() && torch.getAsDouble() < 1 ? 1 : 0;
    }
    return String.format(
        Locale.ROOT,
        "%d of %d rows reach the ratio that is asked of them against JAX; torch is faster than"
            + " Lockstep in %d.",
        reached,
        asked,
        behind);
  }

  private String reached(Row row) {
    OptionalDouble ratio = results.ratio(row.workload(), "jax");
    if (ratio.isEmpty()) {
      return "not measured";
    }
    return ratio.getAsDouble() >= row.asked() ? "yes" : "**no**";
  }

  /** Calls a second from several threads, beside one thread. */
  Grid threads() {
    Grid grid =
        new Grid(List.of("threads", "calls a second", "beside one thread", "does not fall"));
    Optional<Measurement> one = results.find(THREADS + 1, OURS);
    for (Row row : results.rows(THREADS)) {
      double median = results.find(row.workload(), OURS).orElseThrow().median();
      OptionalDouble ratio =
          one.map(m -> OptionalDouble.of(m.median() / median)).orElse(OptionalDouble.empty());
      grid.row(
          List.of(
              row.description(),
              String.format(Locale.ROOT, "%,.0f", 1e6 / median),
              ratio.isPresent() ? Numbers.ratio(ratio.getAsDouble()) : NONE,
              ratio.isEmpty() ? NONE : ratio.getAsDouble() >= 1 ? "yes" : "**no**"));
    }
    return grid;
  }

  /** Ours beside everything else that computes a workload: loops, the vector API, libraries. */
  Grid others() {
    List<Row> rows = results.rows("");
    List<String> names = new ArrayList<>(results.implementations(rows));
    names.removeAll(List.of(OURS, "jax", "torch"));
    List<String> headings = new ArrayList<>(List.of("workload", "Lockstep"));
    for (String name : names) {
      headings.add(name);
      headings.add(name + " / ours");
    }
    Grid grid = new Grid(headings);
    for (Row row : rows) {
      if (names.stream().anyMatch(name -> results.find(row.workload(), name).isPresent())) {
        List<String> cells = new ArrayList<>(List.of(row.workload(), time(row, OURS)));
        for (String name : names) {
          cells.add(time(row, name));
          cells.add(ratio(row, name));
        }
        grid.row(cells);
      }
    }
    return grid;
  }

  /** The most memory that a call holds beyond its inputs. */
  Grid memory() {
    Grid grid = new Grid(List.of("workload", "Lockstep", "JAX jit", "torch"));
    for (Row row : results.rows("")) {
      if (row.asked() > 0) {
        grid.row(List.of(row.workload(), bytes(row, OURS), bytes(row, "jax"), bytes(row, "torch")));
      }
    }
    return grid;
  }

  private String time(Row row, String implementation) {
    return results
        .find(row.workload(), implementation)
        .map(m -> Numbers.microseconds(m.median()))
        .orElse(NONE);
  }

  private String ratio(Row row, String implementation) {
    OptionalDouble ratio = results.ratio(row.workload(), implementation);
    return ratio.isPresent() ? Numbers.ratio(ratio.getAsDouble()) : NONE;
  }

  private String bytes(Row row, String implementation) {
    OptionalLong bytes =
        results
            .find(row.workload(), implementation)
            .map(Measurement::peakBytes)
            .orElse(OptionalLong.empty());
    return bytes.isPresent() ? Numbers.bytes(bytes.getAsLong()) : NONE;
  }
}
