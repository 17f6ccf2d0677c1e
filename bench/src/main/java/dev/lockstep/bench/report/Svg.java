package dev.lockstep.bench.report;

import java.util.List;
import java.util.Locale;

/** Pieces of SVG documents. */
final class Svg {
  /** Okabe and Ito's colours, which people with colour vision deficiencies can tell apart. */
  static final List<String> PALETTE =
      List.of("#D55E00", "#009E73", "#0072B2", "#CC79A7", "#E69F00", "#56B4E9", "#000000");

  private Svg() {}

  /** Returns the start of a document with a white background. */
  static String open(int width, int height) {
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d"\
     font-family="sans-serif" font-size="13" fill="#222">
    <rect width="%1$d" height="%2$d" fill="white"/>
    """
        .formatted(width, height);
  }

  static void stroke(StringBuilder svg, double x1, double y1, double x2, double y2, String colour) {
    svg.append(
        format(
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n",
            x1, y1, x2, y2, colour));
  }

  static void text(StringBuilder svg, double x, double y, String anchor, int size, String text) {
    svg.append(
        format(
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\">%s</text>\n",
            x, y, anchor, size, escape(text)));
  }

  static void circle(StringBuilder svg, double x, double y, double radius, String colour) {
    svg.append(
        format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"/>\n", x, y, radius, colour));
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
