package dev.lockstep.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the examples print and draw. */
class PrintingTest {
  private final PrintStream console = System.out;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @TempDir Path charts;

  @BeforeEach
  void redirect() {
    System.setProperty("examples.charts", charts.toString());
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    System.setOut(console);
    System.clearProperty("examples.charts");
  }

  @Test
  void allExamplesPrintAndDraw() throws Exception {
    Examples.main(new String[0]);
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("portfolio ")
        .contains("of the other 50")
        .contains("that it was not trained on")
        .contains("-differentially private")
        .contains("b1 = 5.501564318")
        .contains("petal width    18.286")
        .contains("from 175 degrees: period 18.08089")
        .contains("log-likelihood -641.5856");
    for (String name : new String[] {"curve-fit.svg", "ode-ensemble.svg", "kalman-filter.svg"}) {
      String svg = Files.readString(charts.resolve(name));
      var document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(charts.resolve(name).toFile());
      assertThat(document.getElementsByTagName("polyline").getLength()).as(name).isPositive();
      assertThat(svg).doesNotContain("NaN").doesNotContain("Infinity");
    }
    assertThat(Files.readString(charts.resolve("kalman-filter.svg")))
        .contains(">1880<", ">1960<", ">600<", ">1200<");
  }

  @Test
  void ticksHaveTheDecimalsOfTheirStep() {
    Tensor x = Tensor.of(-0.02, 0.11);
    String svg =
        new Chart("c", "x", "y", List.of(new Chart.Series("s", x, x.mul(1e4), true))).svg();
    assertThat(svg).contains(">-0.02<", ">0.00<", ">0.10<", ">-200<", ">0<", ">1000<");
  }
}
