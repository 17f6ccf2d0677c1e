package dev.lockstep.bench.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A table of text, written as Markdown or as HTML; the first column is aligned to the left. */
final class Grid {
  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  Grid(List<String> headings) {
    this.headings = List.copyOf(headings);
  }

  void row(List<String> cells) {
    if (cells.size() != headings.size()) {
      throw new IllegalArgumentException(
          "table: expected %d cells, got %d".formatted(headings.size(), cells.size()));
    }
    rows.add(List.copyOf(cells));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append(line(headings)).append("| --- |");
    text.append(String.join("", Collections.nCopies(headings.size() - 1, " ---: |"))).append('\n');
    rows.forEach(row -> text.append(line(row)));
    return text.toString();
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  String html() {
    StringBuilder text = new StringBuilder("<table>\n<thead>");
    text.append(line(headings, "th")).append("</thead>\n<tbody>\n");
    rows.forEach(row -> text.append(line(row, "td")));
    return text.append("</tbody>\n</table>\n").toString();
  }

  private static String line(List<String> cells, String element) {
    StringBuilder text = new StringBuilder("<tr>");
    for (String cell : cells) {
      String bold = Svg.escape(cell).replaceAll("\\*\\*(.*)\\*\\*", "<b>$1</b>");
      text.append("<%1$s>%2$s</%1$s>".formatted(element, bold));
    }
    return text.append("</tr>\n").toString();
  }
}
