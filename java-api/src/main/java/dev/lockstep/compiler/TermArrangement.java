package dev.lockstep.compiler;

import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Placed;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.tensor.Shape;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Structural ops on a term: they change its map, and its dense tensor hardly. */
final class TermArrangement {
  private final Emitter emitter;

  TermArrangement(Emitter emitter) {
    this.emitter = emitter;
  }

  /**
   * Returns the op's result as terms, none for zero, or null if it is no term.
   *
   * @param from the shape of the op's operand
   */
  List<Term> apply(Structural.Rearrangement op, Term term, Shape from) {
    return switch (op) {
      case Structural.Transpose t ->
          List.of(term.rows(t.permutation().stream().mapToInt(Integer::intValue).toArray()));
      case Structural.BroadcastInDim b -> List.of(broadcast(b, term, from));
      case Structural.Reverse r -> List.of(reverse(r, term, from));
      case Structural.Pad p -> List.of(pad(p, term));
      case Structural.Slice s -> slice(s, term);
      case Structural.Reshape r -> {
        Term reshaped = reshape(term, from, r.shape());
        yield reshaped == null ? null : List.of(reshaped);
      }
      case Structural.Concatenate _, Placed _ -> null;
    };
  }

  private Term broadcast(Structural.BroadcastInDim op, Term term, Shape from) {
    Shape to = op.shape();
    Shape small = term.small();
    long[] offsets = new long[to.rank()];
    List<Integer> repeated = new ArrayList<>();
    int[] rowOf = new int[to.rank()];
    for (int axis = 0; axis < to.rank(); axis++) {
      rowOf[axis] = op.axes().indexOf(axis);
      if (rowOf[axis] < 0 || from.extent(rowOf[axis]) != to.extent(axis)) {
        repeated.add(axis);
        small = small.insert(small.rank(), to.extent(axis));
      }
    }
    long[][] strides = new long[to.rank()][small.rank()];
    for (int axis = 0; axis < to.rank(); axis++) {
      int isNew = repeated.indexOf(axis);
      if (isNew >= 0) {
        strides[axis][term.columns() + isNew] = 1;
      } else {
        offsets[axis] = term.offsets()[rowOf[axis]];
        System.arraycopy(term.strides()[rowOf[axis]], 0, strides[axis], 0, term.columns());
      }
    }
    List<Integer> kept = IntStream.range(0, term.columns()).boxed().toList();
    return new Term(emitter.repeat(term.dense(), small, kept), offsets, strides);
  }

  private static Term reverse(Structural.Reverse op, Term term, Shape from) {
    Term reversed = term;
    for (int axis : op.axes()) {
      long offset = from.extent(axis) - 1 - reversed.offsets()[axis];
      reversed = reversed.withRow(axis, offset, reversed.times(axis, -1));
    }
    return reversed;
  }

  private static Term pad(Structural.Pad op, Term term) {
    Term padded = term;
    for (int axis = 0; axis < term.rows(); axis++) {
      long step = op.interior().get(axis) + 1;
      long offset = op.low().get(axis) + step * padded.offsets()[axis];
      padded = padded.withRow(axis, offset, padded.times(axis, step));
    }
    return padded;
  }

  /** Returns the term's part in one operand's place of a concatenation. */
  static Term shifted(Term term, int axis, long by) {
    return term.withRow(axis, term.offsets()[axis] + by, term.strides()[axis]);
  }

  private List<Term> slice(Structural.Slice op, Term term) {
    Term sliced = term;
    for (int axis = 0; axis < term.rows(); axis++) {
      long start = op.start().get(axis);
      long limit = op.limit().get(axis);
      long step = op.stride().get(axis);
      long lowest = sliced.places().lowest(axis, sliced.small());
      long highest = sliced.places().highest(axis, sliced.small());
      if (highest < start || lowest >= limit) {
        return List.of();
      }
      boolean whole = step == 1 && lowest >= start && highest < limit;
      if (!whole) {
        int column = onlyColumn(sliced, axis);
        if (column == MANY) {
          return null;
        }
        sliced = column == NONE ? sliced : kept(sliced, axis, column, start, limit, step);
        if (sliced == null || (sliced.offsets()[axis] - start) % step != 0) {
          return List.of();
        }
      }
      long[] strides = sliced.strides()[axis].clone();
      for (int column = 0; column < strides.length; column++) {
        strides[column] /= step;
      }
      sliced = sliced.withRow(axis, (sliced.offsets()[axis] - start) / step, strides);
    }
    return List.of(sliced);
  }

  private static final int NONE = -1;
  private static final int MANY = -2;

  private static int onlyColumn(Term term, int row) {
    int found = NONE;
    for (int column = 0; column < term.columns(); column++) {
      if (term.uses(row, column) && term.extent(column) > 1) {
        if (found != NONE) {
          return MANY;
        }
        found = column;
      }
    }
    return found;
  }

  /** Returns the part of the term that a slice along one axis keeps, or null for none. */
  private Term kept(Term term, int row, int column, long start, long limit, long step) {
    long offset = term.offsets()[row];
    long stride = term.strides()[row][column];
    long period = step / gcd(stride, step);
    long extent = term.extent(column);
    long first = 0;
    while (first < extent
        && (offset + stride * first < start
            || offset + stride * first >= limit
            || (offset + stride * first - start) % step != 0)) {
      first++;
    }
    long end = first;
    while (end < extent && offset + stride * end >= start && offset + stride * end < limit) {
      end += period;
    }
    if (first == extent) {
      return null;
    }
    List<Long> starts = new ArrayList<>();
    List<Long> limits = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    for (int other = 0; other < term.columns(); other++) {
      starts.add(other == column ? first : 0L);
      limits.add(other == column ? Math.min(end, extent) : term.extent(other));
      steps.add(other == column ? period : 1L);
    }
    Variable dense = emitter.emit(new Structural.Slice(starts, limits, steps), term.dense());
    long[] offsets = term.offsets().clone();
    long[][] strides = new long[term.rows()][];
    for (int axis = 0; axis < strides.length; axis++) {
      strides[axis] = term.strides()[axis].clone();
      offsets[axis] += strides[axis][column] * first;
      strides[axis][column] *= period;
    }
    return new Term(dense, offsets, strides);
  }

  private static long gcd(long a, long b) {
    return BigInteger.valueOf(a).gcd(BigInteger.valueOf(b)).longValueExact();
  }

  /** Splits the axes of both shapes into groups of equal size, each of which is reshaped alone. */
  private Term reshape(Term term, Shape from, Shape to) {
    Term reshaped = term.rows(new int[0]);
    int fromAxis = 0;
    int toAxis = 0;
    while (fromAxis < from.rank() || toAxis < to.rank()) {
      int fromEnd = fromAxis;
      int toEnd = toAxis;
      long fromSize = fromEnd < from.rank() ? from.extent(fromEnd++) : 1;
      long toSize = toEnd < to.rank() ? to.extent(toEnd++) : 1;
      while (fromSize != toSize) {
        if (fromSize < toSize) {
          fromSize *= from.extent(fromEnd++);
        } else {
          toSize *= to.extent(toEnd++);
        }
      }
      // The rows that still have to be reshaped stand behind those that have been.
      term = joinRows(term, from, fromAxis, fromEnd, toAxis);
      for (int axis = toEnd - 1; term != null && axis > toAxis; axis--) {
        term = split(term, toAxis, to.extent(axis));
      }
      if (term == null) {
        return null;
      }
      if (toEnd == toAxis) {
        term = withoutRow(term, toAxis);
      }
      fromAxis = fromEnd;
      toAxis = toEnd;
      reshaped = term;
    }
    return reshaped;
  }

  /** Replaces the rows of the axes [start, end) by one row of their row-major index. */
  private static Term joinRows(Term term, Shape from, int start, int end, int at) {
    long offset = 0;
    long[] stride = new long[term.columns()];
    for (int axis = start; axis < end; axis++) {
      int row = at + axis - start;
      offset = offset * from.extent(axis) + term.offsets()[row];
      for (int column = 0; column < stride.length; column++) {
        stride[column] = stride[column] * from.extent(axis) + term.strides()[row][column];
      }
    }
    return replaceRows(term, at, end - start, new long[] {offset}, new long[][] {stride});
  }

  private static Term withoutRow(Term term, int row) {
    return replaceRows(term, row, 1, new long[0], new long[0][]);
  }

  private static Term replaceRows(
      Term term, int at, int count, long[] newOffsets, long[][] newStrides) {
    int rows = term.rows() - count + newOffsets.length;
    long[] offsets = new long[rows];
    long[][] strides = new long[rows][];
    for (int row = 0; row < rows; row++) {
      int inNew = row - at;
      if (inNew >= 0 && inNew < newOffsets.length) {
        offsets[row] = newOffsets[inNew];
        strides[row] = newStrides[inNew];
      } else {
        int old = row < at ? row : row - newOffsets.length + count;
        offsets[row] = term.offsets()[old];
        strides[row] = term.strides()[old];
      }
    }
    return new Term(term.dense(), offsets, strides);
  }

  /**
   * Replaces a row by its quotient and its remainder, or returns null if these are not affine. A
   * dense axis that runs along both becomes two.
   */
  private Term split(Term term, int row, long divisor) {
    for (int column = 0; column < term.columns(); column++) {
      long stride = Math.abs(term.strides()[row][column]);
      boolean both = stride % divisor != 0 && stride * (term.extent(column) - 1) >= divisor;
      if (both) {
        long inner = divisor / stride;
        if (divisor % stride != 0 || term.extent(column) % inner != 0) {
          return null;
        }
        return split(splitColumn(term, column, inner), row, divisor);
      }
    }
    long offset = term.offsets()[row];
    long[] high = new long[term.columns()];
    long[] low = new long[term.columns()];
    for (int column = 0; column < high.length; column++) {
      long stride = term.strides()[row][column];
      if (stride % divisor == 0) {
        high[column] = stride / divisor;
      } else {
        low[column] = stride;
      }
    }
    Term result =
        replaceRows(
            term,
            row,
            1,
            new long[] {Math.floorDiv(offset, divisor), Math.floorMod(offset, divisor)},
            new long[][] {high, low});
    boolean fits =
        result.places().lowest(row + 1, result.small()) >= 0
            && result.places().highest(row + 1, result.small()) < divisor;
    return fits ? result : null;
  }

  private Term splitColumn(Term term, int column, long inner) {
    long outer = term.extent(column) / inner;
    Shape shape = term.small().remove(column).insert(column, inner).insert(column, outer);
    long[][] strides = new long[term.rows()][term.columns() + 1];
    for (int row = 0; row < strides.length; row++) {
      for (int to = 0; to <= term.columns(); to++) {
        long stride = term.strides()[row][to <= column ? to : to - 1];
        strides[row][to] = to == column ? stride * inner : stride;
      }
    }
    return new Term(emitter.reshape(term.dense(), shape), term.offsets(), strides);
  }
}
