package dev.lockstep.runtime;

import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;

/**
 * A tensor in Java memory, for the reference backend. Floating elements are held in f64, others in
 * i64; each one is rounded or wrapped to the dtype when it is written.
 */
final class HostArray {
  private final TensorType type;
  private final double[] floating;
  private final long[] whole;

  HostArray(TensorType type) {
    int size = Math.toIntExact(type.shape().size());
    this.type = type;
    this.floating = type.dtype().isFloating() ? new double[size] : null;
    this.whole = type.dtype().isFloating() ? null : new long[size];
  }

  /** Copies an array. */
  static HostArray of(Array array) {
    HostArray copy = new HostArray(array.type());
    DType dtype = array.type().dtype();
    return Elements.read(
        array,
        "read",
        address -> {
          for (int i = 0; i < copy.size(); i++) {
            if (dtype.isFloating()) {
              copy.floating[i] = Elements.doubleAt(dtype, address, i);
            } else {
              copy.whole[i] = Elements.longAt(dtype, address, i);
            }
          }
          return copy;
        });
  }

  /** Returns a new array with these elements. */
  Array toArray() {
    Object elements = javaArray();
    return Elements.create(type, address -> Elements.write(elements, address));
  }

  private Object javaArray() {
    int size = size();
    return switch (type.dtype()) {
      case F64 -> floating;
      case I64 -> whole;
      case BF16 -> {
        short[] elements = new short[size];
        for (int i = 0; i < size; i++) {
          elements[i] = BFloat16.fromDouble(floating[i]);
        }
        yield elements;
      }
      case F32 -> {
        float[] elements = new float[size];
        for (int i = 0; i < size; i++) {
          elements[i] = (float) floating[i];
        }
        yield elements;
      }
      case I32 -> {
        int[] elements = new int[size];
        for (int i = 0; i < size; i++) {
          elements[i] = (int) whole[i];
        }
        yield elements;
      }
      case BOOL -> {
        boolean[] elements = new boolean[size];
        for (int i = 0; i < size; i++) {
          elements[i] = whole[i] != 0;
        }
        yield elements;
      }
    };
  }

  TensorType type() {
    return type;
  }

  DType dtype() {
    return type.dtype();
  }

  int size() {
    return floating != null ? floating.length : whole.length;
  }

  double floating(int i) {
    return floating[i];
  }

  long whole(int i) {
    return whole[i];
  }

  /** Writes a floating element, rounded to the dtype. */
  void set(int i, double value) {
    floating[i] =
        switch (type.dtype()) {
          case F32 -> (float) value;
          case BF16 -> BFloat16.round(value);
          case F64, BOOL, I32, I64 -> value;
        };
  }

  /** Writes an integer, wrapped to the dtype, or a bool: its lowest bit. */
  void set(int i, long value) {
    whole[i] =
        switch (type.dtype()) {
          case BOOL -> value & 1;
          case I32 -> (int) value;
          case I64, F32, F64, BF16 -> value;
        };
  }

  void set(int i, boolean value) {
    whole[i] = value ? 1 : 0;
  }

  /** Copies an element of an array of the same dtype. */
  void copy(int i, HostArray from, int j) {
    if (floating != null) {
      floating[i] = from.floating[j];
    } else {
      whole[i] = from.whole[j];
    }
  }

  /** Returns part {@code t} along axis 0. */
  HostArray part(long t) {
    HostArray part = new HostArray(type.with(type.shape().remove(0)));
    for (int i = 0; i < part.size(); i++) {
      part.copy(i, this, Math.toIntExact(t * part.size() + i));
    }
    return part;
  }

  /** Writes part {@code t} along axis 0. */
  void setPart(long t, HostArray part) {
    for (int i = 0; i < part.size(); i++) {
      copy(Math.toIntExact(t * part.size() + i), part, i);
    }
  }

  /** Returns the position of the element at an index. */
  int position(long... index) {
    long position = 0;
    for (int axis = 0; axis < index.length; axis++) {
      position = position * type.shape().extent(axis) + index[axis];
    }
    return Math.toIntExact(position);
  }

  /** Returns the index of the element at a position. */
  long[] index(int position) {
    long[] index = new long[type.shape().rank()];
    long rest = position;
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = rest % type.shape().extent(axis);
      rest /= type.shape().extent(axis);
    }
    return index;
  }
}
