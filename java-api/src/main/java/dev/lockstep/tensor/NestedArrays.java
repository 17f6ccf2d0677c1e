package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.Elements;

/** Tensors from Java arrays of any depth, such as {@code float[][][]}, and back. */
final class NestedArrays {
  private NestedArrays() {}

  static Array tensor(Object nested) {
    DType dtype = elementType(nested);
    long[] extents = extents(nested);
    TensorType type = TensorType.of(dtype, extents);
    return Elements.create(
        type, address -> write(nested, extents, new int[extents.length], 0, address, type.bytes()));
  }

  private static DType elementType(Object nested) {
    if (nested != null && nested.getClass().isArray()) {
      Class<?> element = nested.getClass();
      while (element.isArray()) {
        element = element.getComponentType();
      }
      for (DType dtype : DType.values()) {
        if (element == JavaArrays.elementClass(dtype)) {
          return dtype;
        }
      }
    }
    throw new DTypeException(
        "Tensor.ofNested: expected an array (of arrays) of float, double, int, long or boolean, got"
            + " "
            + (nested == null ? "null" : "a " + nested.getClass().getSimpleName()));
  }

  /** Returns the lengths along the first rows, which all others must have. */
  private static long[] extents(Object nested) {
    int depth = 0;
    for (Class<?> c = nested.getClass(); c.isArray(); c = c.getComponentType()) {
      depth++;
    }
    long[] extents = new long[depth];
    Object part = nested;
    for (int axis = 0; axis < depth && part != null; axis++) {
      extents[axis] = java.lang.reflect.Array.getLength(part);
      part = part instanceof Object[] rows && rows.length > 0 ? rows[0] : null;
    }
    return extents;
  }

  /**
   * Writes one row or block of rows.
   *
   * @param index where it stands, up to {@code axis}
   */
  private static void write(
      Object part, long[] extents, int[] index, int axis, long address, long bytes) {
    int length = part == null ? -1 : java.lang.reflect.Array.getLength(part);
    if (length != extents[axis]) {
      throw ragged(extents, index, axis, length);
    }
    if (axis == extents.length - 1) {
      Elements.write(part, address);
      return;
    }
    Object[] rows = (Object[]) part;
    for (int i = 0; i < length; i++) {
      index[axis] = i;
      write(rows[i], extents, index, axis + 1, address + i * (bytes / length), bytes / length);
    }
  }

  private static ShapeException ragged(long[] extents, int[] index, int axis, int length) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < axis; i++) {
      path.append('[').append(index[i]).append(']');
    }
    return new ShapeException(
        "Tensor.ofNested: expected all rows to have the length of the first, %d; row %s %s."
            .formatted(extents[axis], path, length < 0 ? "is null" : "has length " + length));
  }

  /** Returns the elements as a nested array, or boxed if the rank is 0. */
  static Object nested(Array array, String op) {
    TensorType type = array.type();
    long[] extents = type.shape().extents();
    for (long extent : extents) {
      JavaArrays.requireLength(op, type, extent);
    }
    return Elements.read(
        array,
        op,
        address ->
            extents.length == 0
                ? java.lang.reflect.Array.get(row(type.dtype(), 1, address), 0)
                : block(extents, 0, address, type.dtype()));
  }

  private static Object block(long[] extents, int axis, long address, DType dtype) {
    int length = (int) extents[axis];
    if (axis == extents.length - 1) {
      return row(dtype, length, address);
    }
    Class<?> rowClass = JavaArrays.elementClass(dtype);
    long rowBytes = dtype.bytes();
    for (int i = axis + 1; i < extents.length; i++) {
      rowClass = rowClass.arrayType();
      rowBytes *= extents[i];
    }
    Object[] rows = (Object[]) java.lang.reflect.Array.newInstance(rowClass, length);
    for (int i = 0; i < length; i++) {
      rows[i] = block(extents, axis + 1, address + i * rowBytes, dtype);
    }
    return rows;
  }

  private static Object row(DType dtype, int length, long address) {
    if (dtype == DType.BF16) {
      short[] bits = new short[length];
      Elements.read(address, bits);
      return JavaArrays.floats(bits);
    }
    Object row = java.lang.reflect.Array.newInstance(JavaArrays.elementClass(dtype), length);
    Elements.read(address, row);
    return row;
  }
}
