package dev.lockstep.bench.report;

import static dev.lockstep.bench.report.Results.OURS;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The charts of a report, each only if what it shows was measured. */
final class Charts {
  /** What is limited by the memory's bandwidth only: the fastest of them shows it. */
  private static final Set<String> STREAMS = Set.of("peak-add", "add", "sum");

  private static final Map<String, String> WAYS = new LinkedHashMap<>();

  static {
    WAYS.put("jac-fwd-", "jacfwd");
    WAYS.put("jac-grad-", "vmap(grad)");
    WAYS.put("jac-vmap-fwd-", "vmap(jacfwd)");
    WAYS.put("jac-rev-", "jacrev");
    WAYS.put("jac-vmap-rev-", "vmap(jacrev)");
  }

  private final Results results;

  Charts(Results results) {
    this.results = results;
  }

  /** Returns the charts as SVG documents by name. */
  Map<String, String> all() {
    Map<String, String> charts = new LinkedHashMap<>();
    timeAndMemory("100 dot products of 150 elements", "dot-").ifPresent(c -> charts.put("dot", c));
    timeAndMemory("Attention (batch x length x width)", "attention-")
        .ifPresent(c -> charts.put("attention", c));
    jacobians().ifPresent(c -> charts.put("jacobians", c));
    roofline().ifPresent(c -> charts.put("roofline", c));
    return charts;
  }

  private Optional<String> timeAndMemory(String title, String prefix) {
    List<Row> rows = results.rows(prefix);
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    List<String> names = results.implementations(rows);
    List<DotPlot.Group> groups = new ArrayList<>();
    for (Row row : rows) {
      double[] times = new double[names.size()];
      double[] bytes = new double[names.size()];
      for (int i = 0; i < times.length; i++) {
        Optional<Measurement> found = results.find(row.workload(), names.get(i));
        times[i] = found.map(Measurement::median).orElse(Double.NaN);
        bytes[i] =
            found
                .filter(m -> m.peakBytes().isPresent())
                .map(m -> (double) m.peakBytes().getAsLong())
                .orElse(Double.NaN);
      }
      groups.add(new DotPlot.Group(row.workload(), List.of(times, bytes)));
    }
    List<DotPlot.Axis> axes =
        List.of(
            new DotPlot.Axis("median time of a call, logarithmic (us, ms)", Numbers::microseconds),
            new DotPlot.Axis("peak memory of a call, logarithmic (B, kB, MB)", Numbers::bytes));
    return Optional.of(new DotPlot(title, names, groups, axes).svg());
  }

  private Optional<String> jacobians() {
    List<LineChart.Panel> panels = new ArrayList<>();
    Map<String, String> systems = new LinkedHashMap<>();
    systems.put(OURS, "Lockstep");
    systems.put("jax", "JAX jit");
    systems.put("torch", "torch");
    systems.forEach((implementation, title) -> {
      List<LineChart.Line> lines = new ArrayList<>();
      WAYS.forEach((prefix, way) -> line(prefix, way, implementation).ifPresent(lines::add));
      if (lines.size() == WAYS.size()) {
        panels.add(new LineChart.Panel(title, lines));
      }
    });
    return panels.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new LineChart(
                    "The Jacobian of a linear layer with respect to its weights (n = 10, o = 5)",
                    "p: number of inputs of the layer",
                    "median time of a call (us)",
                    panels)
                .svg());
  }

  private Optional<LineChart.Line> line(String prefix, String way, String implementation) {
    double[][] points =
        results.rows(prefix).stream()
            .flatMap(row -> results.find(row.workload(), implementation).stream())
            .map(m ->
                new double[] {
                  Double.parseDouble(m.workload().substring(prefix.length())), m.median()
                })
            .toArray(double[][]::new);
    if (points.length == 0) {
      return Optional.empty();
    }
    double[] x = new double[points.length];
    double[] y = new double[points.length];
    for (int i = 0; i < points.length; i++) {
      x[i] = points[i][0];
      y[i] = points[i][1];
    }
    return Optional.of(new LineChart.Line(way, x, y));
  }

  private Optional<String> roofline() {
    double peakFlops = 0;
    double peakBytes = 0;
    List<Roofline.Point> points = new ArrayList<>();
    for (Row row : results.rows()) {
      Optional<Measurement> ours = results.find(row.workload(), OURS);
      if (ours.isEmpty() || row.bytes() == 0) {
        continue;
      }
      double shortest = ours.get().shortest() * 1e-6;
      peakFlops =
          Math.max(peakFlops, row.workload().contains("matmul") ? row.flops() / shortest : 0);
      peakBytes =
          Math.max(peakBytes, STREAMS.contains(row.workload()) ? row.bytes() / shortest : 0);
      if (row.asked() > 0 && row.flops() > 0) {
        point(row, OURS, 0).ifPresent(points::add);
        point(row, "jax", 1).ifPresent(points::add);
        point(row, "torch", 2).ifPresent(points::add);
      }
    }
    return peakFlops == 0 || peakBytes == 0
        ? Optional.empty()
        : Optional.of(new Roofline(peakFlops, peakBytes, points).svg());
  }

  private Optional<Roofline.Point> point(Row row, String implementation, int series) {
    return results
        .find(row.workload(), implementation)
        .map(m ->
            new Roofline.Point(
                row.workload(),
                series,
                row.flops() / row.bytes(),
                row.flops() / (m.median() * 1e-6)));
  }
}
