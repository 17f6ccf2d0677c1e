package dev.lockstep.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportTest {
  @Test
  void percentilesInterpolateBetweenSortedRounds() {
    Measurement measurement =
        new Measurement("w", "i", new double[] {5, 1, 4, 2, 3}, OptionalLong.empty());

    assertThat(measurement.median()).isEqualTo(3);
    assertThat(measurement.shortest()).isEqualTo(1);
    assertThat(measurement.percentile(10)).isCloseTo(1.4, offset(1e-12));
    assertThat(measurement.percentile(90)).isCloseTo(4.6, offset(1e-12));
    assertThatThrownBy(() -> new Measurement("w", "i", new double[0], OptionalLong.empty()))
        .hasMessageContaining("measurement of w by i: no rounds");
  }

  @Test
  void jsonHasOneObjectAMeasurement() {
    Results results =
        results(
            List.of(new Row("dot-f32", "dots", 12, 1, 1)),
            measurement("dot-f32", "lockstep", 400L, 1, 2, 3),
            measurement("dot-f32", "jax", null, 24));

    assertThat(JsonReport.of(results))
        .isEqualTo(
            """
            [
              {"workload": "dot-f32", "impl": "lockstep", "median_us": 2.000, "p10_us": 1.200, "p90_us": 2.800, "peak_bytes": 400},
              {"workload": "dot-f32", "impl": "jax", "median_us": 24.000, "p10_us": 24.000, "p90_us": 24.000, "peak_bytes": null}
            ]
            """);
  }

  @Test
  void markdownHasRatiosAndSaysWhatIsNotReached() {
    Results results =
        results(
            List.of(
                new Row("fast", "reached", 12, 1, 1),
                new Row("slow", "not reached", 3, 1, 1),
                new Row("alone", "no peer", 2, 1, 1),
                new Row("skipped", "not measured at all", 2, 1, 1)),
            measurement("fast", "lockstep", 4_000L, 2),
            measurement("fast", "jax", 8_000L, 24),
            measurement("fast", "torch", null, 1),
            measurement("fast", "java-loop", null, 7),
            measurement("slow", "lockstep", null, 1000),
            measurement("slow", "jax", null, 2990),
            measurement("alone", "lockstep", null, 5));

    String markdown = MarkdownReport.of(results);

    assertThat(markdown)
        .contains(
            "| fast | reached | 2 us | 2 us … 2 us | 24 us | 12.0x | 12.0x | yes | 1 us | 0.50x |")
        .contains(
            "| slow | not reached | 1 ms | 1 ms … 1 ms | 2.99 ms | 2.99x | 3.00x | **no** | – | –"
                + " |")
        .contains("| alone | no peer | 5 us | 5 us … 5 us | – | – | 2.00x | not measured | – | – |")
        .contains("1 of 2 rows reach the ratio")
        .contains("torch is faster than Lockstep in 1.")
        .contains("| fast | 2 us | 7 us | 3.50x |")
        .contains("| fast | 4 kB | 8 kB | – |")
        .contains("- Machine: a machine", "- Date: a date", "`a command`", "jax 0.10.2")
        .contains("**Not measured:** nd4j (it is not here)")
        .doesNotContain("skipped");
  }

  @Test
  void theReportReplacesWhatStoodBetweenTheMarks() {
    String page = "before\n<!-- report -->\nold\n<!-- end of report -->\nafter\n";

    assertThat(MarkdownReport.insert("new\n", page))
        .isEqualTo("before\n<!-- report -->\nnew\n<!-- end of report -->\nafter\n");
    assertThatThrownBy(() -> MarkdownReport.insert("new\n", "before\n"))
        .hasMessageContaining("expected a page with the lines <!-- report -->");
  }

  @Test
  void throughputOfThreadsIsComparedWithOneThread() {
    Results results =
        results(
            List.of(
                new Row("threads-1", "1 platform", 0, 0, 0), new Row("threads-8", "8", 0, 0, 0)),
            measurement("threads-1", "lockstep", null, 10),
            measurement("threads-8", "lockstep", null, 8));

    assertThat(MarkdownReport.of(results)).contains("| 8 | 125,000 | 1.25x | yes |");
  }

  @Test
  void chartsAreWellFormedAndShowAllThatWasMeasured() throws Exception {
    Map<String, String> charts = HtmlReport.charts(everything());

    assertThat(charts).containsOnlyKeys("dot", "attention", "jacobians", "roofline");
    for (String chart : charts.values()) {
      Document svg = parse(chart);
      assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
      assertThat(chart).doesNotContain("NaN", "Infinity");
    }
    assertThat(charts.get("dot"))
        .contains("call, logarithmic (us, ms)", "call, logarithmic (B, kB, MB)", ">jax<");
    assertThat(circles(charts.get("dot"))).isEqualTo(6);
    assertThat(Pattern.compile("<polyline ").matcher(charts.get("jacobians")).results())
        .hasSize(10);
    assertThat(charts.get("roofline")).contains(">dot-f32<", "200 GFLOP/s", "10 GB/s");
  }

  @Test
  void theRoofIsTheMeasuredPeak() {
    String roofline =
        new Roofline(2e11, 1e10, List.of(new Roofline.Point("w", 0, 0.25, 2e9))).svg();

    assertThat(roofline).contains("200 GFLOP/s: matmul", "10 GB/s: add, sum", ">w<");
  }

  @Test
  void thePageHoldsTheChartsAndTables() {
    String page = HtmlReport.of(everything());

    assertThat(Pattern.compile("<svg ").matcher(page).results()).hasSize(4);
    assertThat(page).contains("<td>dot-f32</td>", "<h2>Beside JAX and torch</h2>", "a &lt;b&gt;");
  }

  @Test
  void ofNothingThereAreNoCharts() {
    assertThat(HtmlReport.charts(results(List.of()))).isEmpty();
  }

  private static Results everything() {
    List<Row> rows = new ArrayList<>();
    List<Measurement> measurements = new ArrayList<>();
    for (String name : List.of("dot-f32", "attention-32x64x64")) {
      rows.add(new Row(name, "a <b>", 2, 1000, 4000));
      measurements.add(measurement(name, "lockstep", 400L, 1));
      measurements.add(measurement(name, "jax", 800L, 20));
      measurements.add(measurement(name, "java-loop", 410L, 3000));
    }
    for (String way : List.of("fwd", "grad", "vmap-fwd", "rev", "vmap-rev")) {
      for (int p : new int[] {8, 64}) {
        String name = "jac-" + way + "-" + p;
        rows.add(new Row(name, way, 3, 0, 0));
        measurements.add(measurement(name, "lockstep", 1L, p));
        measurements.add(measurement(name, "jax", null, 3.0 * p));
      }
    }
    rows.add(new Row("max-pool-grad", "no FLOPs: not in the roofline", 2, 0, 4000));
    measurements.add(measurement("max-pool-grad", "lockstep", 400L, 1));
    rows.add(new Row("peak-matmul", "peak", 0, 2e11, 1));
    rows.add(new Row("peak-add", "peak", 0, 0, 1e10));
    measurements.add(measurement("peak-matmul", "lockstep", null, 1e6, 2e6));
    measurements.add(measurement("peak-add", "lockstep", null, 1e6, 2e6));
    return results(rows, measurements.toArray(Measurement[]::new));
  }

  private static long circles(String svg) {
    return Pattern.compile("<circle ").matcher(svg).results().count();
  }

  private static Document parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  private static Measurement measurement(
      String workload, String implementation, Long bytes, double... times) {
    return new Measurement(
        workload,
        implementation,
        times,
        bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes));
  }

  private static Results results(List<Row> rows, Measurement... measurements) {
    Conditions conditions =
        new Conditions(
            "a machine",
            "a date",
            "a command",
            15,
            Map.of("jax", "0.10.2"),
            List.of("nd4j (it is not here)"));
    return new Results(rows, Arrays.asList(measurements), conditions);
  }
}
