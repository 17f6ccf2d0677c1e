package dev.lockstep.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.lockstep.demo.SvgChart.Line;
import dev.lockstep.demo.SvgChart.Panel;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class SvgChartTest {
  private static final double[] X = {8, 64, 512};

  @Test
  void drawsALineAPanelAndNamesIt() throws Exception {
    Document svg =
        parse(
            new SvgChart(
                "title",
                "x < 1000",
                "us & ms",
                List.of(
                    new Panel("left", List.of(line("a", 1, 10, 100), line("b", 2, 2, 2))),
                    new Panel("right", List.of(line("a", 5, 5, 5), line("b", 1, 1, 1))))));

    assertThat(svg.getElementsByTagName("polyline").getLength()).isEqualTo(4);
    assertThat(svg.getDocumentElement().getTextContent())
        .contains("title", "x < 1000", "us & ms", "left", "right", "512", "100");
  }

  @Test
  void equalRatiosHaveEqualDistances() throws Exception {
    Document svg =
        parse(new SvgChart("t", "x", "y", List.of(new Panel("p", List.of(line("a", 1, 10, 100))))));

    String[] points =
        ((Element) svg.getElementsByTagName("polyline").item(0)).getAttribute("points").split(" ");
    double[] heights = new double[3];
    for (int i = 0; i < 3; i++) {
      heights[i] = Double.parseDouble(points[i].split(",")[1]);
    }
    assertThat(heights[0] - heights[1]).isPositive();
    assertThat(heights[0] - heights[1])
        .isCloseTo(heights[1] - heights[2], offset(0.2));
  }

  private static Line line(String name, double... y) {
    return new Line(name, X, y);
  }

  private static Document parse(SvgChart chart) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(chart.svg().getBytes(StandardCharsets.UTF_8)));
  }
}
