package dev.lockstep.bench.report;

/** The results as Markdown, ready to stand in docs/performance.md. */
public final class MarkdownReport {
  private static final String START = "<!-- report -->\n";
  private static final String END = "<!-- end of report -->\n";

  private MarkdownReport() {}

  /** Returns the page with the report between its marks instead of what stood there. */
  public static String insert(String report, String page) {
    int start = page.indexOf(START);
    int end = page.indexOf(END);
    if (start < 0 || end < start) {
      throw new IllegalArgumentException(
          "report: expected a page with the lines %s and %s".formatted(START.strip(), END.strip()));
    }
    return page.substring(0, start + START.length()) + report + page.substring(end);
  }

  public static String of(Results results) {
    Tables tables = new Tables(results);
    StringBuilder text = new StringBuilder();
    text.append(conditions(results.conditions())).append('\n');
    for (String missing : results.conditions().missing()) {
      text.append("**Not measured:** ").append(missing).append("\n\n");
    }
    text.append(tables.summary()).append("\n\n").append(tables.ratios().markdown());
    for (String chart : HtmlReport.charts(results).keySet()) {
      text.append("\n![%1$s](charts/%1$s.svg)\n".formatted(chart));
    }
    section(text, "Calls from several threads", tables.threads());
    section(text, "Loops and other libraries of the JVM", tables.others());
    section(text, "Peak memory of a call beyond its inputs", tables.memory());
    return text.toString();
  }

  private static void section(StringBuilder text, String title, Grid grid) {
    if (!grid.isEmpty()) {
      text.append("\n### ").append(title).append("\n\n").append(grid.markdown());
    }
  }

  private static String conditions(Conditions conditions) {
    StringBuilder text = new StringBuilder();
    text.append("- Machine: ").append(conditions.machine()).append('\n');
    text.append("- Date: ").append(conditions.date()).append('\n');
    text.append("- Versions: ").append(conditions.versionList());
    text.append("\n- Command: `").append(conditions.command()).append("`\n");
    text.append(
        "- Each time is the median over %d rounds of the mean time of a call; rounds of Lockstep, JAX and torch alternate.\n"
            .formatted(conditions.rounds()));
    return text.toString();
  }
}
