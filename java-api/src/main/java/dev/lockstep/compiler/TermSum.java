package dev.lockstep.compiler;

import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.AffineMap;
import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.Placed;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sums of terms: those whose places lie on one lattice become one, and at the end all are written
 * among zeros.
 */
final class TermSum {
  private final Emitter emitter;
  private final TermForm form;

  TermSum(Emitter emitter) {
    this.emitter = emitter;
    this.form = new TermForm(emitter);
  }

  /** Returns terms of the same sum, in their form, joined where that can be. */
  List<Term> compact(List<Term> terms, Shape large) {
    List<Term> result = new ArrayList<>();
    for (Term term : terms) {
      if (term.small().size() > 0) {
        add(result, form.normal(term), large);
      }
    }
    return result;
  }

  private void add(List<Term> sum, Term term, Shape large) {
    for (int i = 0; i < sum.size(); i++) {
      Term both = join(sum.get(i), term, large);
      if (both != null) {
        sum.remove(i);
        add(sum, both, large);
        return;
      }
    }
    sum.add(term);
  }

  /** Returns the sum of two terms as one, or null if their places are not of one lattice. */
  private Term join(Term first, Term second, Shape large) {
    if (!Arrays.deepEquals(first.strides(), second.strides())) {
      return null;
    }
    long[] shift = shift(first, second);
    if (shift == null) {
      return null;
    }
    int columns = first.columns();
    long[] start = new long[columns];
    long[] extents = new long[columns];
    for (int column = 0; column < columns; column++) {
      start[column] = Math.min(0, shift[column]);
      long end = Math.max(first.extent(column), shift[column] + second.extent(column));
      extents[column] = end - start[column];
    }
    Shape hull = Shape.of(extents);
    AffineMap places = AffineMap.of(moved(first, start), first.strides());
    boolean sparse = hull.size() > first.small().size() + second.small().size();
    if (sparse || !places.fits(hull, large) || !places.isInjective(hull)) {
      return null;
    }
    Variable left = pad(first, start, new long[columns], extents);
    Variable right = pad(second, start, shift, extents);
    Variable dense = emitter.emit(new BinaryArithmetic.Add(), left, right);
    return Term.of(dense, places);
  }

  private static long[] moved(Term term, long[] steps) {
    long[] offsets = term.offsets().clone();
    for (int row = 0; row < offsets.length; row++) {
      for (int column = 0; column < steps.length; column++) {
        offsets[row] += term.strides()[row][column] * steps[column];
      }
    }
    return offsets;
  }

  private Variable pad(Term term, long[] start, long[] at, long[] extents) {
    List<Long> low = new ArrayList<>();
    List<Long> high = new ArrayList<>();
    List<Long> interior = new ArrayList<>();
    boolean any = false;
    for (int column = 0; column < extents.length; column++) {
      low.add(at[column] - start[column]);
      high.add(extents[column] - low.getLast() - term.extent(column));
      interior.add(0L);
      any |= low.getLast() + high.getLast() > 0;
    }
    return any ? emitter.emit(new Structural.Pad(low, high, interior), term.dense()) : term.dense();
  }

  /**
   * Returns how many steps along each dense axis of {@code first}, which has the same strides, lead
   * to the places of {@code second}; null if none do, or if that is not told row by row.
   */
  private static long[] shift(Term first, Term second) {
    long[] shift = new long[first.columns()];
    if (Arrays.equals(first.offsets(), second.offsets())) {
      return shift;
    }
    boolean[] known = new boolean[shift.length];
    for (boolean progress = true; progress; ) {
      progress = false;
      for (int row = 0; row < first.rows(); row++) {
        int column = onlyUnknown(first.strides()[row], known);
        if (column >= 0) {
          long rest = second.offsets()[row] - moved(first, shift)[row];
          if (rest % first.strides()[row][column] != 0) {
            return null;
          }
          shift[column] = rest / first.strides()[row][column];
          known[column] = true;
          progress = true;
        }
      }
    }
    return Arrays.equals(moved(first, shift), second.offsets()) ? shift : null;
  }

  private static int onlyUnknown(long[] row, boolean[] known) {
    int found = -1;
    for (int column = 0; column < row.length; column++) {
      if (row[column] != 0 && !known[column]) {
        if (found >= 0) {
          return -1;
        }
        found = column;
      }
    }
    return found;
  }

  /** Returns the variable that the only term is, all places taken, or null. */
  Variable whole(List<Term> terms, TensorType type) {
    if (terms.size() != 1 || terms.getFirst().small().size() != type.shape().size()) {
      return null;
    }
    Term term = terms.getFirst();
    int column = 0;
    for (int row = 0; row < term.rows(); row++) {
      if (type.shape().extent(row) > 1) {
        boolean next =
            column < term.columns()
                && term.strides()[row][column] == 1
                && onlyUnknown(term.strides()[row], new boolean[term.columns()]) == column;
        if (!next) {
          return null;
        }
        column++;
      }
    }
    return emitter.reshape(term.dense(), type.shape());
  }

  /** Writes the sum to a tensor of its own. */
  Variable dense(List<Term> terms, TensorType type) {
    Variable whole = whole(terms, type);
    if (whole != null) {
      return whole;
    }
    Variable sum = null;
    List<Term> rest = terms;
    while (sum == null || !rest.isEmpty()) {
      List<Term> apart = new ArrayList<>();
      List<Term> others = new ArrayList<>();
      for (Term term : rest) {
        (apart.stream().allMatch(other -> areApart(term, other)) ? apart : others).add(term);
      }
      Variable embedded = apart.isEmpty() ? emitter.full(type, 0) : embed(apart, type);
      sum = sum == null ? embedded : emitter.emit(new BinaryArithmetic.Add(), sum, embedded);
      rest = others;
    }
    return sum;
  }

  private Variable embed(List<Term> terms, TensorType type) {
    List<AffineMap> places = terms.stream().map(Term::places).toList();
    return emitter.emit(
        new Placed.Embed(type.shape(), places),
        terms.stream().map(Term::dense).toArray(Variable[]::new));
  }

  /** Returns whether two terms provably have no place in common. */
  private static boolean areApart(Term first, Term second) {
    AffineMap left = first.places();
    AffineMap right = second.places();
    for (int row = 0; row < first.rows(); row++) {
      if (left.highest(row, first.small()) < right.lowest(row, second.small())
          || right.highest(row, second.small()) < left.lowest(row, first.small())) {
        return true;
      }
    }
    if (!Arrays.deepEquals(first.strides(), second.strides()) || !isTriangular(first)) {
      return false;
    }
    long[] shift = shift(first, second);
    boolean apart = shift == null;
    for (int column = 0; !apart && column < shift.length; column++) {
      apart = shift[column] >= first.extent(column) || -shift[column] >= second.extent(column);
    }
    return apart;
  }

  /** Returns whether the rows tell the steps of a shift one after the other. */
  private static boolean isTriangular(Term term) {
    boolean[] known = new boolean[term.columns()];
    int count = 0;
    for (boolean progress = true; progress; ) {
      progress = false;
      for (long[] row : term.strides()) {
        int column = onlyUnknown(row, known);
        if (column >= 0) {
          known[column] = true;
          count++;
          progress = true;
        }
      }
    }
    return count == known.length;
  }
}
