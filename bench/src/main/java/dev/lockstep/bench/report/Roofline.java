package dev.lockstep.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * The speeds that were reached beside what the machine can do at each arithmetic intensity, as SVG.
 *
 * @param peakFlops floating-point operations a second that the machine reaches at most
 * @param peakBytes bytes a second that its memory gives and takes at most
 */
record Roofline(double peakFlops, double peakBytes, List<Point> points) {
  /** What one implementation of a workload reached. */
  record Point(String workload, int series, double intensity, double flops) {}

  static final List<String> SERIES = List.of("Lockstep", "JAX jit", "torch");
  private static final int WIDTH = 860;
  private static final int HEIGHT = 460;
  private static final int LEFT = 84;
  private static final int TOP = 56;

  String svg() {
    StringBuilder svg = new StringBuilder(Svg.open(LEFT + WIDTH + 40, TOP + HEIGHT + 100));
    Svg.text(svg, LEFT, 34, "start", 20, "Speed reached beside this machine's measured peaks");
    svg.append("<g transform=\"translate(%d %d)\">\n".formatted(LEFT, TOP));
    LogScale x =
        LogScale.ofDecades(
            DoubleStream.concat(
                DoubleStream.of(peakFlops / peakBytes),
                points.stream().mapToDouble(Point::intensity)),
            WIDTH);
    LogScale y =
        LogScale.ofDecades(
            DoubleStream.concat(
                DoubleStream.of(peakFlops / 1e9), points.stream().mapToDouble(p -> p.flops / 1e9)),
            HEIGHT);
    axes(svg, x, y);
    List<double[]> taken = new ArrayList<>();
    roof(svg, x, y, taken);
    points(svg, x, y, taken);
    svg.append("</g>\n");
    Svg.text(
        svg,
        LEFT + WIDTH / 2.0,
        TOP + HEIGHT + 46,
        "middle",
        14,
        "arithmetic intensity (floating-point operations a byte of inputs and results)");
    svg.append(
        "<text transform=\"translate(24 %d) rotate(-90)\" text-anchor=\"middle\" font-size=\"14\">speed (GFLOP/s)</text>\n"
            .formatted(TOP + HEIGHT / 2));
    for (int i = 0; i < SERIES.size(); i++) {
      Svg.circle(svg, LEFT + 10 + i * 140, TOP + HEIGHT + 77, 5, Svg.PALETTE.get(i));
      Svg.text(svg, LEFT + 22 + i * 140, TOP + HEIGHT + 82, "start", 14, SERIES.get(i));
    }
    return svg.append("</svg>\n").toString();
  }

  private static void axes(StringBuilder svg, LogScale x, LogScale y) {
    for (double tick : y.ticks()) {
      double at = HEIGHT - y.position(tick);
      Svg.stroke(svg, 0, at, WIDTH, at, "#ddd");
      Svg.text(svg, -8, at + 4, "end", 12, Numbers.digits(tick));
    }
    for (double tick : x.ticks()) {
      double at = x.position(tick);
      Svg.stroke(svg, at, 0, at, HEIGHT, "#ddd");
      Svg.text(svg, at, HEIGHT + 20, "middle", 12, Numbers.digits(tick));
    }
    svg.append(
        "<rect width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#222\"/>\n"
            .formatted(WIDTH, HEIGHT));
  }

  private void roof(StringBuilder svg, LogScale x, LogScale y, List<double[]> taken) {
    double lowest = Math.max(Math.pow(10, x.low()), Math.pow(10, y.low()) * 1e9 / peakBytes);
    double ridge = peakFlops / peakBytes;
    double start = HEIGHT - y.position(lowest * peakBytes / 1e9);
    double top = HEIGHT - y.position(peakFlops / 1e9);
    svg.append(
        Svg.format(
            "<polyline points=\"%.1f,%.1f %.1f,%.1f %d,%.1f\" fill=\"none\" stroke=\"#222\""
                + " stroke-width=\"2\"/>\n",
            x.position(lowest), start, x.position(ridge), top, WIDTH, top));
    Svg.text(
        svg, WIDTH - 8, top - 8, "end", 13, Numbers.digits(peakFlops / 1e9) + " GFLOP/s: matmul");
    taken.add(box(0, top - 4, WIDTH, 20));
    double middle = Math.sqrt(lowest * ridge);
    double atX = x.position(middle) - 14;
    double atY = HEIGHT - y.position(middle * peakBytes / 1e9) - 14;
    double angle = -Math.toDegrees(Math.atan2(start - top, x.position(ridge) - x.position(lowest)));
    svg.append(
        Svg.format(
            "<text transform=\"translate(%.1f %.1f) rotate(%.1f)\""
                + " text-anchor=\"middle\">%s</text>\n",
            atX, atY, angle, Numbers.digits(peakBytes / 1e9) + " GB/s: add, sum"));
  }

  /** Ours are drawn last, on top, and named; a name moves down until it is free. */
  private void points(StringBuilder svg, LogScale x, LogScale y, List<double[]> taken) {
    points.stream()
        .sorted(Comparator.comparingInt(Point::series).reversed())
        .forEach(p ->
            Svg.circle(
                svg,
                x.position(p.intensity),
                HEIGHT - y.position(p.flops / 1e9),
                p.series == 0 ? 5 : 4,
                Svg.PALETTE.get(p.series)));
    for (Point p : points) {
      taken.add(box(x.position(p.intensity) - 5, HEIGHT - y.position(p.flops / 1e9) + 5, 10, 10));
    }
    for (Point p : points) {
      if (p.series == 0) {
        name(svg, p.workload, x.position(p.intensity), HEIGHT - y.position(p.flops / 1e9), taken);
      }
    }
  }

  private static void name(
      StringBuilder svg, String name, double x, double y, List<double[]> taken) {
    double width = 6.2 * name.length();
    for (int distance = 0; distance < 60; distance++) {
      for (double[] candidate :
          List.of(
              box(x + 9, y + 4 + 4 * distance, width, 12),
              box(x - 9 - width, y + 4 + 4 * distance, width, 12),
              box(x + 9, y + 4 - 4 * distance, width, 12),
              box(x - 9 - width, y + 4 - 4 * distance, width, 12))) {
        boolean inside = candidate[0] > 2 && candidate[0] + width < WIDTH && candidate[1] < HEIGHT;
        if (inside && taken.stream().noneMatch(other -> overlap(candidate, other))) {
          taken.add(candidate);
          if (distance > 2) {
            Svg.stroke(
                svg,
                x,
                y,
                candidate[0] < x ? candidate[0] + width : candidate[0],
                candidate[1] - 4,
                "#999");
          }
          Svg.text(svg, candidate[0], candidate[1], "start", 12, name);
          return;
        }
      }
    }
  }

  /** Left, bottom, width, height. */
  private static double[] box(double left, double bottom, double width, double height) {
    return new double[] {left, bottom, width, height};
  }

  private static boolean overlap(double[] a, double[] b) {
    return a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] > b[1] - b[3] && b[1] > a[1] - a[3];
  }
}
