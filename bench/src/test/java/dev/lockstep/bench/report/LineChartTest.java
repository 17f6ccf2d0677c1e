package dev.lockstep.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.lockstep.bench.report.LineChart.Line;
import dev.lockstep.bench.report.LineChart.Panel;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LineChartTest {
  private static final double[] X = {8, 64, 512};

  @Test
  void drawsTheLinesOfAllPanelsWithTheirLabels() {
    String svg =
        new LineChart(
                "title",
                "x < 1000",
                "us & ms",
                List.of(
                    new Panel("left", List.of(line("a", 1, 10, 100), line("b", 2, 2, 2))),
                    new Panel("right", List.of(line("a", 5, 5, 5), line("b", 1, 1, 1)))))
            .svg();

    assertThat(Pattern.compile("<polyline ").matcher(svg).results()).hasSize(4);
    assertThat(svg)
        .contains(">title<", ">x &lt; 1000<", ">us &amp; ms<", ">left<", ">right<")
        .contains(">512<", ">100<", ">a<", ">b<");
  }

  @Test
  void equalRatiosHaveEqualDistances() {
    String svg =
        new LineChart("t", "x", "y", List.of(new Panel("p", List.of(line("a", 1, 10, 100))))).svg();

    Matcher points =
        Pattern.compile("points=\"(\\S+),(\\S+) (\\S+),(\\S+) (\\S+),(\\S+)\"").matcher(svg);
    assertThat(points.find()).isTrue();
    double first = Double.parseDouble(points.group(2));
    double second = Double.parseDouble(points.group(4));
    double third = Double.parseDouble(points.group(6));
    assertThat(first - second).isPositive().isCloseTo(second - third, offset(0.2));
  }

  private static Line line(String name, double... y) {
    return new Line(name, X, y);
  }
}
