package dev.lockstep.demo;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A figure of line charts side by side, both axes logarithmic and the same in all panels, as SVG.
 *
 * @param xLabel what stands on the horizontal axis, with its unit
 * @param yLabel what stands on the vertical axis, with its unit
 */
record SvgChart(String title, String xLabel, String yLabel, List<Panel> panels) {
  /** One chart: its title, and lines in the same order in every panel. */
  record Panel(String title, List<Line> lines) {}

  /** One line: the points' coordinates, all positive. */
  record Line(String name, double[] x, double[] y) {}

  private static final int COLUMNS = 2;
  private static final int WIDTH = 400;
  private static final int HEIGHT = 260;
  private static final int LEFT = 84;
  private static final int TOP = 86;
  private static final int GAP_X = 40;
  private static final int GAP_Y = 70;
  private static final int BOTTOM = 110;

  /** Okabe and Ito's colours, which people with colour vision deficiencies can tell apart. */
  private static final List<String> PALETTE =
      List.of("#D55E00", "#009E73", "#0072B2", "#CC79A7", "#E69F00");

  /** Returns the figure as an SVG document. */
  String svg() {
    int rows = (panels.size() + COLUMNS - 1) / COLUMNS;
    int width = LEFT + COLUMNS * WIDTH + (COLUMNS - 1) * GAP_X + 30;
    int height = TOP + rows * HEIGHT + (rows - 1) * GAP_Y + BOTTOM;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d"\
         font-family="sans-serif" font-size="13" fill="#222">
        <rect width="%1$d" height="%2$d" fill="white"/>
        """
            .formatted(width, height));
    text(svg, LEFT, 36, "start", 20, title);
    Scale x = Scale.of(panels.stream().flatMap(p -> p.lines.stream()).map(Line::x).toList(), WIDTH);
    Scale y =
        Scale.of(panels.stream().flatMap(p -> p.lines.stream()).map(Line::y).toList(), HEIGHT);
    for (int i = 0; i < panels.size(); i++) {
      int left = LEFT + (i % COLUMNS) * (WIDTH + GAP_X);
      int top = TOP + (i / COLUMNS) * (HEIGHT + GAP_Y);
      svg.append("<g transform=\"translate(%d %d)\">\n".formatted(left, top));
      panel(svg, panels.get(i), x, y, i % COLUMNS == 0);
      svg.append("</g>\n");
    }
    text(svg, LEFT + (width - LEFT - 30) / 2, height - BOTTOM + 50, "middle", 14, xLabel);
    svg.append(
        "<text transform=\"translate(22 %d) rotate(-90)\" text-anchor=\"middle\" font-size=\"14\">%s</text>\n"
            .formatted(TOP + (height - TOP - BOTTOM) / 2, escape(yLabel)));
    legend(svg, panels.getFirst().lines, height - 26);
    return svg.append("</svg>\n").toString();
  }

  private static void panel(StringBuilder svg, Panel panel, Scale x, Scale y, boolean labels) {
    text(svg, WIDTH / 2.0, -10, "middle", 14, panel.title);
    for (double tick : y.decades()) {
      double at = HEIGHT - y.position(tick);
      stroke(svg, 0, at, WIDTH, at, "#ddd");
      if (labels) {
        text(svg, -8, at + 4, "end", 12, number(tick));
      }
    }
    for (double tick : panel.lines.getFirst().x) {
      double at = x.position(tick);
      stroke(svg, at, HEIGHT, at, HEIGHT + 5, "#222");
      text(svg, at, HEIGHT + 20, "middle", 12, number(tick));
    }
    svg.append(
        "<rect width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#222\"/>\n"
            .formatted(WIDTH, HEIGHT));
    for (int i = 0; i < panel.lines.size(); i++) {
      line(svg, panel.lines.get(i), x, y, PALETTE.get(i));
    }
  }

  private static void line(StringBuilder svg, Line line, Scale x, Scale y, String colour) {
    StringBuilder points = new StringBuilder();
    StringBuilder marks = new StringBuilder();
    for (int i = 0; i < line.x.length; i++) {
      double px = x.position(line.x[i]);
      double py = HEIGHT - y.position(line.y[i]);
      points.append(format("%.1f,%.1f ", px, py));
      marks.append(
          format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n", px, py, colour));
    }
    svg.append(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n"
            .formatted(points.toString().strip(), colour));
    svg.append(marks);
  }

  private static void legend(StringBuilder svg, List<Line> lines, int y) {
    int left = LEFT;
    for (int i = 0; i < lines.size(); i++) {
      svg.append(
          "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\"/>\n"
              .formatted(left, y - 4, left + 28, y - 4, PALETTE.get(i)));
      text(svg, left + 36, y, "start", 14, lines.get(i).name);
      left += 80 + 8 * lines.get(i).name.length();
    }
  }

  private static void stroke(
      StringBuilder svg, double x1, double y1, double x2, double y2, String colour) {
    svg.append(
        format(
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n",
            x1, y1, x2, y2, colour));
  }

  private static void text(
      StringBuilder svg, double x, double y, String anchor, int size, String text) {
    svg.append(
        format(
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\">%s</text>\n",
            x, y, anchor, size, escape(text)));
  }

  private static String number(double value) {
    return value >= 1 ? Long.toString(Math.round(value)) : Double.toString(value);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Maps values onto pixels by their logarithm, with a margin of a twentieth on both sides. */
  private record Scale(double low, double high, int pixels) {
    static Scale of(List<double[]> values, int pixels) {
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      for (double[] line : values) {
        for (double value : line) {
          low = Math.min(low, Math.log10(value));
          high = Math.max(high, Math.log10(value));
        }
      }
      double margin = Math.max((high - low) / 18, 0.01);
      return new Scale(low - margin, high + margin, pixels);
    }

    double position(double value) {
      return (Math.log10(value) - low) / (high - low) * pixels;
    }

    /** Returns 1, 2 and 5 times the powers of ten inside. */
    double[] decades() {
      return IntStream.rangeClosed((int) Math.floor(low), (int) Math.ceil(high))
          .boxed()
          .flatMap(p -> Stream.of(1, 2, 5).map(m -> m * Math.pow(10, p)))
          .mapToDouble(Double::doubleValue)
          .filter(v -> Math.log10(v) > low && Math.log10(v) < high)
          .toArray();
    }
  }
}
