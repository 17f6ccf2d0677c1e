package dev.lockstep.examples;

import dev.lockstep.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;

/** Lines and points over two linear axes, as an SVG document. */
record Chart(String title, String xLabel, String yLabel, List<Series> series) {
  /** What is drawn in one colour: coordinates {@code f64[n]}, and whether a line joins them. */
  record Series(String name, Tensor x, Tensor y, boolean line) {}

  private static final int WIDTH = 720;
  private static final int HEIGHT = 360;
  private static final int LEFT = 76;
  private static final int TOP = 50;

  /** Okabe and Ito's colours, which people with colour vision deficiencies can tell apart. */
  private static final List<String> COLOURS =
      List.of("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9");

  /** Writes the chart into the folder {@code examples.charts} and prints where. */
  void write(String file) {
    Path path = Path.of(System.getProperty("examples.charts", "target/charts"), file);
    try {
      Files.createDirectories(path.getParent());
      Files.writeString(path, svg());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    System.out.println("chart: " + path);
  }

  String svg() {
    double[] xs = range(series.stream().map(Series::x).toList());
    double[] ys = range(series.stream().map(Series::y).toList());
    DoubleUnaryOperator column = x -> LEFT + WIDTH * (x - xs[0]) / (xs[1] - xs[0]);
    DoubleUnaryOperator row = y -> TOP + HEIGHT * (ys[1] - y) / (ys[1] - ys[0]);
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 480" font-family="sans-serif"\
         font-size="13" fill="#222">
        <rect width="960" height="480" fill="white"/>
        <rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#222"/>
        """
            .formatted(LEFT, TOP, WIDTH, HEIGHT));
    text(svg, LEFT, 30, "start", title);
    text(svg, LEFT + WIDTH / 2.0, 460, "middle", xLabel);
    text(svg, 8, TOP - 6, "start", yLabel);
    for (String tick : ticks(xs)) {
      text(svg, column.applyAsDouble(Double.parseDouble(tick)), 430, "middle", tick);
    }
    for (String tick : ticks(ys)) {
      text(svg, LEFT - 8, row.applyAsDouble(Double.parseDouble(tick)) + 4, "end", tick);
    }
    for (int i = 0; i < series.size(); i++) {
      String colour = COLOURS.get(i % COLOURS.size());
      draw(svg, series.get(i), column, row, colour);
      svg.append("<g fill=\"%s\">".formatted(colour));
      text(svg, LEFT + WIDTH + 12, TOP + 16 + 20 * i, "start", series.get(i).name);
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private static void draw(
      StringBuilder svg,
      Series series,
      DoubleUnaryOperator column,
      DoubleUnaryOperator row,
      String colour) {
    double[] x = series.x.toDoubleArray();
    double[] y = series.y.toDoubleArray();
    String each = series.line ? "%.1f,%.1f " : "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n";
    svg.append(
        series.line
            ? "<polyline fill=\"none\" stroke=\"%s\" points=\"".formatted(colour)
            : "<g fill=\"%s\">".formatted(colour));
    for (int i = 0; i < x.length; i++) {
      svg.append(format(each, column.applyAsDouble(x[i]), row.applyAsDouble(y[i])));
    }
    svg.append(series.line ? "\"/>\n" : "</g>\n");
  }

  private static double[] range(List<Tensor> tensors) {
    double low = tensors.stream().mapToDouble(t -> t.min().item()).min().orElseThrow();
    double high = tensors.stream().mapToDouble(t -> t.max().item()).max().orElseThrow();
    return new double[] {low, high};
  }

  /** Returns the multiples in a range of 1, 2 or 5 times a power of ten: four to ten of them. */
  private static List<String> ticks(double[] range) {
    double rough = (range[1] - range[0]) / 8;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step =
        power * (rough <= power ? 1 : rough <= 2 * power ? 2 : rough <= 5 * power ? 5 : 10);
    String decimals = "%." + Math.max(0, Math.round(-Math.floor(Math.log10(step)))) + "f";
    return LongStream.rangeClosed(
            (long) Math.ceil(range[0] / step), (long) Math.floor(range[1] / step))
        .mapToObj(i -> format(decimals, i * step))
        .toList();
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
    String element = "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n";
    svg.append(format(element, x, y, anchor, escaped));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
