package dev.lockstep.demo;

import java.util.ArrayList;
import java.util.List;

/** A table of text with aligned columns: the first to the left, the others to the right. */
final class Table {
  private final List<String[]> rows = new ArrayList<>();

  Table(String... headings) {
    rows.add(headings);
  }

  Table row(String... cells) {
    if (cells.length != rows.getFirst().length) {
      throw new IllegalArgumentException(
          "table: expected %d cells, got %d".formatted(rows.getFirst().length, cells.length));
    }
    rows.add(cells);
    return this;
  }

  void print() {
    System.out.println(this);
  }

  @Override
  public String toString() {
    int[] widths = new int[rows.getFirst().length];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      text.append("  ").append(line(row, widths)).append('\n');
      if (row == rows.getFirst()) {
        int total = 2 * (widths.length - 1);
        for (int width : widths) {
          total += width;
        }
        text.append("  ").repeat("-", total).append('\n');
      }
    }
    return text.toString();
  }

  private static String line(String[] row, int[] widths) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < row.length; i++) {
      String format = i == 0 ? "%-" + widths[0] + "s" : "  %" + widths[i] + "s";
      text.append(format.formatted(row[i]));
    }
    return text.toString().stripTrailing();
  }
}
