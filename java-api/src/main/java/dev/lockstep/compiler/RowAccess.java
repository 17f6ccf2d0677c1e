package dev.lockstep.compiler;

import java.util.Arrays;

/**
 * What a loop's operand in memory touches row by row. A row is one point of the loop's first
 * dimensions.
 *
 * @param first the lowest byte of row 0
 * @param span bytes from a row's lowest to its last
 * @param steps bytes from row to row, one a row dimension; 0 along those of one row
 */
record RowAccess(Slot slot, boolean written, long first, long span, long[] steps) {
  /**
   * @param view has a stride for each of the extents
   */
  static RowAccess of(View view, boolean written, long[] extents, int rowRank) {
    long[] steps = new long[rowRank];
    long first = view.offset();
    long last = 0;
    for (int axis = 0; axis < extents.length; axis++) {
      long step = extents[axis] == 1 ? 0 : view.strides()[axis] * view.dtype().bytes();
      if (axis < rowRank) {
        steps[axis] = step;
      } else {
        first += Math.min(0, (extents[axis] - 1) * step);
        last += Math.abs((extents[axis] - 1) * step);
      }
    }
    return new RowAccess(view.slot(), written, first, last + view.dtype().bytes(), steps);
  }

  /** Returns whether no row of one meets another row of the other, of which one is written. */
  boolean keepsToItsRows(RowAccess other, long[] rows) {
    if (slot != other.slot || !written && !other.written) {
      return true;
    }
    long width = Math.max(first + span, other.first + other.span) - Math.min(first, other.first);
    for (int axis = rows.length - 1; axis >= 0; axis--) {
      if (rows[axis] > 1 && steps[axis] < width) {
        return false;
      }
      width += steps[axis] * (rows[axis] - 1);
    }
    return Arrays.equals(steps, other.steps);
  }

  /** Returns whether the slot is the rows one after the other, and this stays in each of them. */
  boolean isRowOfSlot(long[] rows) {
    long row = slot.bytes;
    for (int axis = 0; axis < rows.length; axis++) {
      if (row % rows[axis] != 0) {
        return false;
      }
      row /= rows[axis];
      if (rows[axis] > 1 && steps[axis] != row) {
        return false;
      }
    }
    return first >= 0 && first + span <= row;
  }

  boolean isSamePlace(RowAccess other) {
    return slot == other.slot && first == other.first && Arrays.equals(steps, other.steps);
  }
}
