package dev.lockstep.bench.report;

import java.util.Map;

/** The results as a page with charts. */
public final class HtmlReport {
  private HtmlReport() {}

  /** Returns the page. */
  public static String of(Results results) {
    Tables tables = new Tables(results);
    StringBuilder page = new StringBuilder();
    page.append(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>Lockstep: performance</title>
        <style>
        body { font: 15px/1.5 sans-serif; color: #222; background: white; margin: 2em auto; max-width: 1200px; padding: 0 1em }
        table { border-collapse: collapse; font-size: 13px; margin: 1em 0 }
        th, td { padding: 3px 10px; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap }
        th:first-child, td:first-child { text-align: left }
        .what th:nth-child(2), .what td:nth-child(2) { text-align: left }
        svg { display: block; margin: 1.5em 0; max-width: 100%; height: auto }
        </style>
        </head>
        <body>
        <h1>Lockstep: performance</h1>
        """);
    Conditions conditions = results.conditions();
    paragraph(page, conditions.machine() + ". " + conditions.date() + ".");
    paragraph(page, "Versions: " + conditions.versionList() + ".");
    paragraph(
        page,
        "Repeat it with: %s (medians over %d rounds)"
            .formatted(conditions.command(), conditions.rounds()));
    conditions.missing().forEach(missing -> paragraph(page, "Not measured: " + missing));
    charts(results).values().forEach(page::append);
    heading(page, "Beside JAX and torch");
    paragraph(page, tables.summary());
    page.append("<div class=\"what\">").append(tables.ratios().html()).append("</div>\n");
    section(page, "Calls from several threads", tables.threads());
    section(page, "Loops and other libraries of the JVM", tables.others());
    section(page, "Peak memory of a call beyond its inputs", tables.memory());
    return page.append("</body>\n</html>\n").toString();
  }

  /** Returns the charts as SVG documents by name. */
  public static Map<String, String> charts(Results results) {
    return new Charts(results).all();
  }

  private static void section(StringBuilder page, String title, Grid grid) {
    if (!grid.isEmpty()) {
      heading(page, title);
      page.append(grid.html());
    }
  }

  private static void heading(StringBuilder page, String text) {
    page.append("<h2>").append(Svg.escape(text)).append("</h2>\n");
  }

  private static void paragraph(StringBuilder page, String text) {
    page.append("<p>").append(Svg.escape(text)).append("</p>\n");
  }
}
