package dev.lockstep.bench.report;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;

/**
 * Figures of groups of things as dots on logarithmic axes, two quantities side by side, as SVG.
 *
 * @param names the things: the same colour and order in every group
 */
record DotPlot(String title, List<String> names, List<Group> groups, List<Axis> axes) {
  /** A group's title and for each axis its values in the order of the names, NaN for none. */
  record Group(String title, List<double[]> values) {}

  /** A quantity: its label with the unit, and how a value is written. */
  record Axis(String label, DoubleFunction<String> format) {}

  private static final int LEFT = 190;
  private static final int TOP = 66;
  private static final int PANEL = 360;
  private static final int GAP = 60;
  private static final int LINE = 22;
  private static final int BOTTOM = 58;

  String svg() {
    int rows = groups.size() * (names.size() + 1);
    int height = TOP + rows * LINE + BOTTOM;
    int width = LEFT + axes.size() * (PANEL + GAP) + 40;
    StringBuilder svg = new StringBuilder(Svg.open(width, height));
    Svg.text(svg, 20, 34, "start", 20, title);
    int top = TOP;
    for (Group group : groups) {
      svg.append(
          "<text x=\"20\" y=\"%d\" font-weight=\"bold\">%s</text>\n"
              .formatted(top + 15, Svg.escape(group.title)));
      for (int i = 0; i < names.size(); i++) {
        Svg.text(svg, LEFT - 12, top + (i + 1) * LINE + 15, "end", 13, names.get(i));
      }
      top += (names.size() + 1) * LINE;
    }
    for (int i = 0; i < axes.size(); i++) {
      svg.append("<g transform=\"translate(%d %d)\">\n".formatted(LEFT + i * (PANEL + GAP), TOP));
      panel(svg, i, rows * LINE);
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private void panel(StringBuilder svg, int axis, int height) {
    double[] values =
        groups.stream()
            .flatMapToDouble(g -> DoubleStream.of(g.values.get(axis)))
            .filter(v -> v > 0)
            .toArray();
    Svg.text(svg, PANEL / 2.0, height + 44, "middle", 14, axes.get(axis).label);
    if (values.length == 0) {
      return;
    }
    LogScale scale = LogScale.ofDecades(DoubleStream.of(values), PANEL);
    for (double tick : scale.ticks()) {
      double x = scale.position(tick);
      Svg.stroke(svg, x, 0, x, height, "#ddd");
      Svg.text(svg, x, height + 20, "middle", 12, axes.get(axis).format.apply(tick));
    }
    int y = 0;
    for (Group group : groups) {
      for (int i = 0; i < names.size(); i++) {
        y += LINE;
        double value = group.values.get(axis)[i];
        if (value > 0) {
          dot(svg, scale.position(value), y + 11, Svg.PALETTE.get(i % 7));
          Svg.text(
              svg,
              scale.position(value) + 9,
              y + 15,
              "start",
              12,
              axes.get(axis).format.apply(value));
        }
      }
      y += LINE;
    }
  }

  private static void dot(StringBuilder svg, double x, double y, String colour) {
    Svg.stroke(svg, 0, y, x, y, colour);
    Svg.circle(svg, x, y, 5, colour);
  }
}
