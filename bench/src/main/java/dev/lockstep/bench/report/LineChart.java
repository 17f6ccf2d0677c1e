package dev.lockstep.bench.report;

import java.util.List;

/**
 * A figure of line charts side by side, both axes logarithmic and the same in all panels, as SVG.
 *
 * @param xLabel what stands on the horizontal axis, with its unit
 * @param yLabel what stands on the vertical axis, with its unit
 */
public record LineChart(String title, String xLabel, String yLabel, List<Panel> panels) {
  /** One chart: its title, and lines in the same order in every panel. */
  public record Panel(String title, List<Line> lines) {}

  /** One line: the points' coordinates, all positive. */
  public record Line(String name, double[] x, double[] y) {}

  private static final int PANELS_WIDTH = 880;
  private static final int HEIGHT = 260;
  private static final int LEFT = 84;
  private static final int TOP = 86;
  private static final int GAP_X = 40;
  private static final int GAP_Y = 70;
  private static final int BOTTOM = 110;

  private int columns() {
    return panels.size() == 3 ? 3 : Math.min(2, panels.size());
  }

  private int panelWidth() {
    return (PANELS_WIDTH - (columns() - 1) * GAP_X) / columns();
  }

  /** Returns the figure as an SVG document. */
  public String svg() {
    int columns = columns();
    int panelWidth = panelWidth();
    int rows = (panels.size() + columns - 1) / columns;
    int width = LEFT + PANELS_WIDTH + 30;
    int height = TOP + rows * HEIGHT + (rows - 1) * GAP_Y + BOTTOM;
    StringBuilder svg = new StringBuilder();
    svg.append(Svg.open(width, height));
    Svg.text(svg, LEFT, 36, "start", 20, title);
    LogScale x =
        LogScale.of(
            panels.stream().flatMap(p -> p.lines.stream()).map(Line::x).toList(), panelWidth);
    LogScale y =
        LogScale.of(panels.stream().flatMap(p -> p.lines.stream()).map(Line::y).toList(), HEIGHT);
    for (int i = 0; i < panels.size(); i++) {
      int left = LEFT + (i % columns) * (panelWidth + GAP_X);
      int top = TOP + (i / columns) * (HEIGHT + GAP_Y);
      svg.append("<g transform=\"translate(%d %d)\">\n".formatted(left, top));
      panel(svg, panels.get(i), x, y, i % columns == 0);
      svg.append("</g>\n");
    }
    Svg.text(svg, LEFT + (width - LEFT - 30) / 2, height - BOTTOM + 50, "middle", 14, xLabel);
    svg.append(
        "<text transform=\"translate(22 %d) rotate(-90)\" text-anchor=\"middle\" font-size=\"14\">%s</text>\n"
            .formatted(TOP + (height - TOP - BOTTOM) / 2, Svg.escape(yLabel)));
    legend(svg, panels.getFirst().lines, height - 26);
    return svg.append("</svg>\n").toString();
  }

  private void panel(StringBuilder svg, Panel panel, LogScale x, LogScale y, boolean labels) {
    Svg.text(svg, panelWidth() / 2.0, -10, "middle", 14, panel.title);
    for (double tick : y.ticks()) {
      double at = HEIGHT - y.position(tick);
      Svg.stroke(svg, 0, at, panelWidth(), at, "#ddd");
      if (labels) {
        Svg.text(svg, -8, at + 4, "end", 12, number(tick));
      }
    }
    for (double tick : panel.lines.getFirst().x) {
      double at = x.position(tick);
      Svg.stroke(svg, at, HEIGHT, at, HEIGHT + 5, "#222");
      Svg.text(svg, at, HEIGHT + 20, "middle", 12, number(tick));
    }
    svg.append(
        "<rect width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#222\"/>\n"
            .formatted(panelWidth(), HEIGHT));
    for (int i = 0; i < panel.lines.size(); i++) {
      line(svg, panel.lines.get(i), x, y, Svg.PALETTE.get(i));
    }
  }

  private static void line(StringBuilder svg, Line line, LogScale x, LogScale y, String colour) {
    StringBuilder points = new StringBuilder();
    StringBuilder marks = new StringBuilder();
    for (int i = 0; i < line.x.length; i++) {
      double px = x.position(line.x[i]);
      double py = HEIGHT - y.position(line.y[i]);
      points.append(Svg.format("%.1f,%.1f ", px, py));
      marks.append(
          Svg.format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n", px, py, colour));
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
              .formatted(left, y - 4, left + 28, y - 4, Svg.PALETTE.get(i)));
      Svg.text(svg, left + 36, y, "start", 14, lines.get(i).name);
      left += 80 + 8 * lines.get(i).name.length();
    }
  }

  private static String number(double value) {
    return value >= 1 ? Long.toString(Math.round(value)) : Double.toString(value);
  }
}
