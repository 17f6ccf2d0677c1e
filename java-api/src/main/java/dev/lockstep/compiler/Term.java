package dev.lockstep.compiler;

import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.AffineMap;
import dev.lockstep.tensor.Shape;

/**
 * A tensor that is zero but at the places of an affine map, where it has the elements of a smaller
 * one: what the compiler knows of a basis. Parameters as in {@link AffineMap}; arrays are shared
 * and not written to.
 *
 * @param dense the smaller tensor
 * @param offsets one an axis of the large tensor
 * @param strides a row an axis of the large tensor, a column an axis of {@code dense}
 */
record Term(Variable dense, long[] offsets, long[][] strides) {
  /** Returns a variable as a term whose places are all there are. */
  static Term whole(Variable variable) {
    return of(variable, AffineMap.identity(variable.type().shape().rank()));
  }

  static Term of(Variable dense, AffineMap places) {
    long[] offsets = places.offsets().stream().mapToLong(Long::longValue).toArray();
    long[][] strides = new long[offsets.length][];
    for (int row = 0; row < offsets.length; row++) {
      strides[row] = places.strides().get(row).stream().mapToLong(Long::longValue).toArray();
    }
    return new Term(dense, offsets, strides);
  }

  /** Returns other elements at the same places. */
  Term with(Variable other) {
    return new Term(other, offsets, strides);
  }

  AffineMap places() {
    return AffineMap.of(offsets, strides);
  }

  Shape small() {
    return dense.type().shape();
  }

  int rows() {
    return offsets.length;
  }

  int columns() {
    return small().rank();
  }

  long extent(int column) {
    return small().extent(column);
  }

  /** Returns whether moving along the dense axis moves along the large tensor's axis. */
  boolean uses(int row, int column) {
    return strides[row][column] != 0;
  }

  /** Returns some of the large tensor's axes, in this order. */
  Term rows(int[] order) {
    long[] newOffsets = new long[order.length];
    long[][] newStrides = new long[order.length][];
    for (int i = 0; i < order.length; i++) {
      newOffsets[i] = offsets[order[i]];
      newStrides[i] = strides[order[i]];
    }
    return new Term(dense, newOffsets, newStrides);
  }

  /** Returns the term with another row, whose places are those of a changed large axis. */
  Term withRow(int row, long offset, long[] stride) {
    long[] newOffsets = offsets.clone();
    long[][] newStrides = strides.clone();
    newOffsets[row] = offset;
    newStrides[row] = stride;
    return new Term(dense, newOffsets, newStrides);
  }

  /** Returns the row's strides times a factor. */
  long[] times(int row, long factor) {
    long[] product = strides[row].clone();
    for (int column = 0; column < product.length; column++) {
      product[column] *= factor;
    }
    return product;
  }
}
