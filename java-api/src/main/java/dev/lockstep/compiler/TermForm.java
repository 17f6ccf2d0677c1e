package dev.lockstep.compiler;

import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.tensor.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Brings terms to one form, so that equal places have equal maps: dense axes of extent 1 are gone,
 * run upwards, stand in the order of the large axes that they run along, and are joined where two
 * are one.
 */
final class TermForm {
  private final Emitter emitter;

  TermForm(Emitter emitter) {
    this.emitter = emitter;
  }

  Term normal(Term term) {
    return joined(ordered(upwards(withoutUnits(term))));
  }

  private Term withoutUnits(Term term) {
    int[] kept =
        IntStream.range(0, term.columns()).filter(column -> term.extent(column) != 1).toArray();
    if (kept.length == term.columns()) {
      return term;
    }
    return pick(term, kept, emitter.reshape(term.dense(), extents(term, kept)));
  }

  private Term upwards(Term term) {
    List<Integer> reversed = new ArrayList<>();
    for (int column = 0; column < term.columns(); column++) {
      int row = firstRow(term, column);
      if (row < term.rows() && term.strides()[row][column] < 0) {
        reversed.add(column);
      }
    }
    if (reversed.isEmpty()) {
      return term;
    }
    long[] offsets = term.offsets().clone();
    long[][] strides = new long[term.rows()][];
    for (int row = 0; row < strides.length; row++) {
      strides[row] = term.strides()[row].clone();
      for (int column : reversed) {
        offsets[row] += strides[row][column] * (term.extent(column) - 1);
        strides[row][column] *= -1;
      }
    }
    Variable dense = emitter.emit(new Structural.Reverse(reversed), term.dense());
    return new Term(dense, offsets, strides);
  }

  private static int firstRow(Term term, int column) {
    int row = 0;
    while (row < term.rows() && !term.uses(row, column)) {
      row++;
    }
    return row;
  }

  private Term ordered(Term term) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, term.columns()).boxed().toList());
    Comparator<Integer> byRow = Comparator.comparing(column -> firstRow(term, column));
    order.sort(byRow.thenComparing(column -> -term.strides()[firstRow(term, column)][column]));
    int[] columns = order.stream().mapToInt(Integer::intValue).toArray();
    return pick(term, columns, emitter.transpose(term.dense(), order));
  }

  private Term joined(Term term) {
    for (int column = 0; column + 1 < term.columns(); column++) {
      if (isOne(term, column)) {
        int inner = column + 1;
        int[] kept =
            IntStream.range(0, term.columns()).filter(other -> other != inner - 1).toArray();
        long[] extents = extents(term, kept).extents();
        extents[inner - 1] = term.extent(inner - 1) * term.extent(inner);
        return joined(pick(term, kept, emitter.reshape(term.dense(), Shape.of(extents))));
      }
    }
    return term;
  }

  /** Returns whether a column and the next are the digits of one index everywhere. */
  private static boolean isOne(Term term, int column) {
    for (long[] row : term.strides()) {
      if (row[column] != row[column + 1] * term.extent(column + 1)) {
        return false;
      }
    }
    return true;
  }

  private static Shape extents(Term term, int[] columns) {
    return Shape.of(IntStream.of(columns).mapToLong(term::extent).toArray());
  }

  private static Term pick(Term term, int[] columns, Variable dense) {
    long[][] strides = new long[term.rows()][];
    for (int row = 0; row < strides.length; row++) {
      long[] from = term.strides()[row];
      strides[row] = IntStream.of(columns).mapToLong(column -> from[column]).toArray();
    }
    return new Term(dense, term.offsets(), strides);
  }
}
