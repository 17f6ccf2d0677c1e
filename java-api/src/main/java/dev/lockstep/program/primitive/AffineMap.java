package dev.lockstep.program.primitive;

import dev.lockstep.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Sends each index {@code d} of a small tensor to an index of a large one: along axis {@code a}
 * {@code offsets[a] + Σ strides[a][j] d[j]}. Two axes of the large one with equal rows make a
 * diagonal.
 *
 * @param offsets one an axis of the large tensor
 * @param strides a row an axis of the large tensor, with an entry an axis of the small one
 */
public record AffineMap(List<Long> offsets, List<List<Long>> strides) {
  /** Copies the lists. */
  public AffineMap {
    offsets = List.copyOf(offsets);
    strides = strides.stream().map(List::copyOf).toList();
  }

  /** Returns the map with these offsets and rows. */
  public static AffineMap of(long[] offsets, long[][] strides) {
    return new AffineMap(
        Arrays.stream(offsets).boxed().toList(),
        Arrays.stream(strides).map(row -> Arrays.stream(row).boxed().toList()).toList());
  }

  /** Returns the map from a vector to the diagonal of a matrix. */
  public static AffineMap diagonal() {
    return of(new long[2], new long[][] {{1}, {1}});
  }

  /** Returns the map that keeps every index of a tensor of this rank. */
  public static AffineMap identity(int rank) {
    long[][] strides = new long[rank][rank];
    for (int axis = 0; axis < rank; axis++) {
      strides[axis][axis] = 1;
    }
    return of(new long[rank], strides);
  }

  /** Returns the number of axes of the large tensor. */
  public int rows() {
    return offsets.size();
  }

  /** Returns where the small tensor's first element goes along an axis of the large one. */
  public long offset(int row) {
    return offsets.get(row);
  }

  /** Returns how far one step along the small tensor's axis goes along the large one's. */
  public long stride(int row, int column) {
    return strides.get(row).get(column);
  }

  /** Returns the index in the large tensor. */
  long[] at(long[] index) {
    long[] result = new long[rows()];
    for (int row = 0; row < result.length; row++) {
      result[row] = offset(row);
      for (int column = 0; column < index.length; column++) {
        result[row] += stride(row, column) * index[column];
      }
    }
    return result;
  }

  /** Returns the lowest index along an axis of the large tensor that {@code small} reaches. */
  public long lowest(int row, Shape small) {
    return offset(row) + reach(row, small, -1);
  }

  /** Returns the highest index along an axis of the large tensor that {@code small} reaches. */
  public long highest(int row, Shape small) {
    return offset(row) + reach(row, small, 1);
  }

  private long reach(int row, Shape small, int sign) {
    long reach = 0;
    for (int column = 0; column < small.rank(); column++) {
      long stride = stride(row, column);
      if (Long.signum(stride) == sign) {
        reach += stride * (small.extent(column) - 1);
      }
    }
    return reach;
  }

  /** Returns whether all of {@code small} goes to places within {@code large}. */
  public boolean fits(Shape small, Shape large) {
    boolean fits =
        rows() == large.rank() && strides.size() == rows() && (rows() > 0 || small.rank() == 0);
    for (int row = 0; fits && row < rows(); row++) {
      fits =
          strides.get(row).size() == small.rank()
              && (small.size() == 0
                  || lowest(row, small) >= 0 && highest(row, small) < large.extent(row));
    }
    return fits;
  }

  /** Returns whether different indices provably go to different places. */
  public boolean isInjective(Shape small) {
    return small.size() <= 1 || decoding(small) != null;
  }

  /** A row that tells the indices along some axes, once those of the rows before are known. */
  private record Digits(int row, List<Integer> columns) {}

  /** Returns rows that together tell all indices, or null if there is no such order. */
  private List<Digits> decoding(Shape small) {
    boolean[] known = new boolean[small.rank()];
    List<Digits> decoding = new ArrayList<>();
    boolean progress = true;
    while (progress) {
      progress = false;
      for (int row = 0; row < rows(); row++) {
        List<Integer> digits = digits(row, small, known);
        if (digits != null && !digits.isEmpty()) {
          decoding.add(new Digits(row, digits));
          digits.forEach(column -> known[column] = true);
          progress = true;
        }
      }
    }
    for (int column = 0; column < small.rank(); column++) {
      if (!known[column] && small.extent(column) > 1) {
        return null;
      }
    }
    return decoding;
  }

  /**
   * Returns the axes, largest stride first, that the row mixes as digits of a number, or null if
   * two sets of indices may give one number.
   */
  private List<Integer> digits(int row, Shape small, boolean[] known) {
    List<Integer> columns = new ArrayList<>();
    for (int column = 0; column < small.rank(); column++) {
      if (!known[column] && stride(row, column) != 0 && small.extent(column) > 1) {
        columns.add(column);
      }
    }
    columns.sort(Comparator.comparing(column -> -Math.abs(stride(row, column))));
    long below = 0;
    for (int column : columns.reversed()) {
      long size = Math.abs(stride(row, column));
      if (size <= below) {
        return null;
      }
      below += size * (small.extent(column) - 1);
    }
    return columns;
  }

  /** Returns the index in the small tensor that goes to this place, or null if none does. */
  long[] invert(Shape small, long[] place) {
    long[] index = new long[small.rank()];
    if (small.size() == 0) {
      return null;
    }
    List<Digits> decoding = small.size() == 1 ? List.of() : decoding(small);
    for (Digits digits : decoding) {
      long rest = place[digits.row] - at(index)[digits.row];
      for (int column : digits.columns) {
        // A negative digit counts down from its highest place.
        rest += Math.max(0, -stride(digits.row, column)) * (small.extent(column) - 1);
      }
      for (int column : digits.columns) {
        long stride = stride(digits.row, column);
        long last = small.extent(column) - 1;
        long digit = Math.clamp(rest / Math.abs(stride), 0, last);
        rest -= digit * Math.abs(stride);
        index[column] = stride > 0 ? digit : last - digit;
      }
    }
    return Arrays.equals(at(index), place) ? index : null;
  }

  /** Returns the map with one more axis on both sides, before all others. */
  AffineMap withFirst() {
    List<Long> first = new ArrayList<>(List.of(1L));
    int columns = strides.isEmpty() ? 0 : strides.getFirst().size();
    for (int column = 0; column < columns; column++) {
      first.add(0L);
    }
    List<List<Long>> rows = new ArrayList<>();
    rows.add(first);
    strides.forEach(row -> rows.add(Rearrangements.prepend(0, row)));
    return new AffineMap(Rearrangements.prepend(0, offsets), rows);
  }

  /** Prints the index that {@code d0, d1 …} go to: {@code (d0, 2*d1+1)}. */
  @Override
  public String toString() {
    List<String> places = new ArrayList<>();
    for (int row = 0; row < rows(); row++) {
      StringBuilder place = new StringBuilder();
      for (int column = 0; column < strides.get(row).size(); column++) {
        long stride = stride(row, column);
        if (stride != 0) {
          place.append(stride < 0 ? "-" : place.isEmpty() ? "" : "+");
          place
              .append(Math.abs(stride) == 1 ? "" : Math.abs(stride) + "*")
              .append('d')
              .append(column);
        }
      }
      if (place.isEmpty() || offset(row) != 0) {
        place.append(place.isEmpty() || offset(row) < 0 ? "" : "+").append(offset(row));
      }
      places.add(place.toString());
    }
    return "(" + String.join(", ", places) + ")";
  }
}
