package dev.lockstep.demo;

import static dev.lockstep.Lockstep.jit;

import dev.lockstep.bench.report.LineChart;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The five Jacobians of {@link LinearLayer}: that they agree, and their times. */
final class LayerJacobians {
  private static final int[] EXAMPLES = {5, 10};
  private static final int[] INPUTS = {8, 16, 64, 256, 512};
  private static final int[] OUTPUTS = {2, 5};

  private static final Map<String, Fn2<Tensor, Tensor, Tensor>> WAYS = LinearLayer.JACOBIANS;

  private LayerJacobians() {}

  static void run() throws IOException {
    Demo.title("The Jacobian of a linear layer with respect to its weights, five ways");
    List<String> headings = new ArrayList<>(List.of("n", "o", "p"));
    headings.addAll(WAYS.keySet());
    Table table = new Table(headings.toArray(String[]::new));
    List<LineChart.Panel> panels = new ArrayList<>();
    double difference = 0;
    for (int n : EXAMPLES) {
      for (int o : OUTPUTS) {
        List<double[]> times = new ArrayList<>();
        for (int p : INPUTS) {
          Tensor x = Key.of(0).uniform(n, p);
          Tensor weights = Key.of(1).uniform(p, o);
          difference = Math.max(difference, largestDifference(weights, x));
          times.add(times(weights, x));
          table.row(cells(n, o, p, times.getLast()));
        }
        panels.add(panel("n = %d, o = %d".formatted(n, o), times));
        System.out.println("measured n = %d, o = %d".formatted(n, o));
      }
    }
    System.out.println();
    System.out.println("median times, compiled by jit:");
    System.out.println();
    table.print();
    System.out.println("largest difference between the ways: " + difference);
    Demo.require(difference < 1e-6, "the five Jacobians differ");
    System.out.println("chart: " + write(panels));
  }

  private static double largestDifference(Tensor weights, Tensor x) {
    double largest = 0;
    Tensor reference = null;
    for (Fn2<Tensor, Tensor, Tensor> way : WAYS.values()) {
      Tensor jacobian = way.apply(weights, x);
      reference = reference == null ? jacobian : reference;
      largest = Math.max(largest, Comparison.difference(reference, jacobian));
    }
    return largest;
  }

  private static double[] times(Tensor weights, Tensor x) {
    return WAYS.values().stream()
        .mapToDouble(way -> {
          Fn2<Tensor, Tensor, Tensor> compiled = jit(way);
          return Timing.microseconds(() -> compiled.apply(weights, x));
        })
        .toArray();
  }

  private static String[] cells(int n, int o, int p, double[] times) {
    List<String> cells = new ArrayList<>();
    for (int size : new int[] {n, o, p}) {
      cells.add(Integer.toString(size));
    }
    for (double time : times) {
      cells.add(Timing.print(time));
    }
    return cells.toArray(String[]::new);
  }

  /** {@code times} has one entry an element of INPUTS, each with one time a way. */
  private static LineChart.Panel panel(String title, List<double[]> times) {
    double[] inputs = new double[INPUTS.length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = INPUTS[i];
    }
    List<LineChart.Line> lines = new ArrayList<>();
    for (String way : WAYS.keySet()) {
      int index = lines.size();
      lines.add(
          new LineChart.Line(way, inputs, times.stream().mapToDouble(t -> t[index]).toArray()));
    }
    return new LineChart.Panel(title, lines);
  }

  private static Path write(List<LineChart.Panel> panels) throws IOException {
    LineChart chart =
        new LineChart(
            "The Jacobian of a linear layer with respect to its weights, five ways",
            "p: number of inputs of the layer",
            "median time of a call (us)",
            panels);
    Path file = Path.of("bench", "target", "demo", "jacobians.svg").toAbsolutePath();
    Files.createDirectories(file.getParent());
    return Files.writeString(file, chart.svg());
  }
}
