package dev.lockstep.compiler;

import dev.lockstep.program.primitive.AffineMap;
import dev.lockstep.program.primitive.Windowing;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * A strided look at a slot. Transposes, broadcasts, slices, reversals and most reshapes of a view
 * are views again, so these ops cost nothing.
 *
 * @param offset bytes from the slot's start; for {@link Slot#INDEX} the first value, for {@link
 *     Slot#CONSTANT} the value's bit pattern
 * @param strides in elements, one an axis
 */
record View(Slot slot, DType dtype, Shape shape, long offset, long[] strides) {

  static View dense(Slot slot, TensorType type) {
    return new View(slot, type.dtype(), type.shape(), 0, denseStrides(type.shape()));
  }

  /** Returns a view of one value that no memory holds. */
  static View constant(TensorType type, long bits) {
    return new View(Slot.CONSTANT, type.dtype(), type.shape(), bits, new long[type.shape().rank()]);
  }

  /** Returns a view whose values count along {@code axis}. */
  static View index(TensorType type, int axis) {
    long[] strides = new long[type.shape().rank()];
    strides[axis] = 1;
    return new View(Slot.INDEX, type.dtype(), type.shape(), 0, strides);
  }

  static long[] denseStrides(Shape shape) {
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= Math.max(1, shape.extent(axis));
    }
    return strides;
  }

  /** Returns whether this is exactly its slot's memory in row-major order. */
  boolean isDense() {
    return offset == 0 && isContiguous();
  }

  /** Returns whether this is a block of memory in row-major order. */
  boolean isContiguous() {
    if (!slot.isMemory()) {
      return false;
    }
    long stride = 1;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      long extent = shape.extent(axis);
      if (extent != 1 && strides[axis] != stride) {
        return shape.size() == 0;
      }
      stride *= extent;
    }
    return true;
  }

  View transpose(List<Integer> permutation) {
    long[] extents = new long[permutation.size()];
    long[] result = new long[permutation.size()];
    for (int i = 0; i < extents.length; i++) {
      extents[i] = shape.extent(permutation.get(i));
      result[i] = strides[permutation.get(i)];
    }
    return new View(slot, dtype, Shape.of(extents), offset, result);
  }

  /** Returns the view that gives this one when transposed by {@code permutation}. */
  View untranspose(List<Integer> permutation) {
    Integer[] inverse = new Integer[permutation.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[permutation.get(i)] = i;
    }
    return transpose(Arrays.asList(inverse));
  }

  View broadcast(Shape to, List<Integer> axes) {
    long[] result = new long[to.rank()];
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i);
      result[axis] = shape.extent(i) == to.extent(axis) ? strides[i] : 0;
    }
    return new View(slot, dtype, to, offset, result);
  }

  View slice(List<Long> start, List<Long> limit, List<Long> stride) {
    long[] extents = new long[shape.rank()];
    long[] result = new long[shape.rank()];
    long moved = 0;
    for (int i = 0; i < extents.length; i++) {
      long step = stride.get(i);
      extents[i] = Math.max(0, Math.ceilDiv(limit.get(i) - start.get(i), step));
      result[i] = strides[i] * step;
      moved += start.get(i) * strides[i];
    }
    return new View(slot, dtype, Shape.of(extents), move(moved), result);
  }

  /** Returns the elements at the places of a map, with the map's small shape. */
  View at(AffineMap places, Shape small) {
    long[] result = new long[small.rank()];
    long moved = 0;
    for (int row = 0; row < shape.rank(); row++) {
      moved += places.offset(row) * strides[row];
      for (int column = 0; column < result.length; column++) {
        result[column] += places.stride(row, column) * strides[row];
      }
    }
    return new View(slot, dtype, small, move(moved), result);
  }

  /** Returns {@code count} elements of {@code axis} from {@code start} on. */
  View part(int axis, long start, long count) {
    long[] extents = shape.extents();
    extents[axis] = count;
    return new View(slot, dtype, Shape.of(extents), move(start * strides[axis]), strides);
  }

  /** Returns all windows, whose elements are the last axes. */
  View windows(Windowing windowing) {
    Shape windows = windowing.windows(shape);
    long[] result = Arrays.copyOf(strides, windows.rank());
    for (int i = 0; i < windowing.count(); i++) {
      int axis = windowing.firstAxis() + i;
      result[axis] = strides[axis] * windowing.strides().get(i);
      result[shape.rank() + i] = strides[axis] * windowing.dilation().get(i);
    }
    return new View(slot, dtype, windows, offset, result);
  }

  View reverse(List<Integer> axes) {
    long[] result = strides.clone();
    long moved = 0;
    for (int axis : axes) {
      moved += Math.max(0, shape.extent(axis) - 1) * strides[axis];
      result[axis] = -strides[axis];
    }
    return new View(slot, dtype, shape, move(moved), result);
  }

  private long move(long elements) {
    return switch (slot.kind) {
      case CONSTANT -> offset;
      case INDEX -> offset + elements;
      case INPUT, OUTPUT, TEMPORARY -> offset + elements * dtype.bytes();
    };
  }

  /** Returns the view in another shape of the same size, or null if no strides can say it. */
  View reshape(Shape to) {
    if (slot.kind == Slot.Kind.CONSTANT || shape.size() == 0) {
      return new View(slot, dtype, to, offset, new long[to.rank()]);
    }
    long[] result = new long[to.rank()];
    int from = 0;
    int axis = 0;
    while (axis < to.rank() || from < shape.rank()) {
      // Grow a group of old axes and a group of new axes until both have the same size.
      int fromEnd = from;
      int axisEnd = axis;
      long fromSize = fromEnd < shape.rank() ? shape.extent(fromEnd++) : 1;
      long toSize = axisEnd < to.rank() ? to.extent(axisEnd++) : 1;
      while (fromSize != toSize) {
        if (fromSize < toSize) {
          fromSize *= shape.extent(fromEnd++);
        } else {
          toSize *= to.extent(axisEnd++);
        }
      }
      Long stride = mergedStride(from, fromEnd);
      if (stride == null) {
        return null;
      }
      for (int i = axisEnd - 1; i >= axis; i--) {
        result[i] = stride;
        stride *= to.extent(i);
      }
      from = fromEnd;
      axis = axisEnd;
    }
    return new View(slot, dtype, to, offset, result);
  }

  /** Returns the one stride that walks axes [from, end) in row-major order, or null. */
  private Long mergedStride(int from, int end) {
    long stride = 0;
    long next = 0;
    boolean any = false;
    for (int i = end - 1; i >= from; i--) {
      if (shape.extent(i) == 1) {
        continue;
      }
      if (!any) {
        stride = strides[i];
        any = true;
      } else if (strides[i] != next) {
        return null;
      }
      next = strides[i] * shape.extent(i);
    }
    return stride;
  }

  /** Returns the bytes of the elements that the view looks at, each counted once. */
  long distinctBytes() {
    if (!slot.isMemory()) {
      return 0;
    }
    long elements = 1;
    for (int axis = 0; axis < shape.rank(); axis++) {
      elements *= strides[axis] == 0 ? Math.min(1, shape.extent(axis)) : shape.extent(axis);
    }
    return elements * dtype.bytes();
  }

  /** Returns whether both may have an element in common: the bytes from first to last meet. */
  boolean meets(View other) {
    return slot == other.slot
        && slot.isMemory()
        && firstByte() < other.endByte()
        && other.firstByte() < endByte();
  }

  private long firstByte() {
    long first = offset;
    for (int axis = 0; axis < shape.rank(); axis++) {
      first += Math.min(0, (shape.extent(axis) - 1) * strides[axis]) * dtype.bytes();
    }
    return first;
  }

  private long endByte() {
    long last = offset;
    for (int axis = 0; axis < shape.rank(); axis++) {
      last += Math.max(0, (shape.extent(axis) - 1) * strides[axis]) * dtype.bytes();
    }
    return last + dtype.bytes();
  }

  /** Returns whether both are the same elements in the same order. */
  boolean sameAs(View other) {
    if (slot != other.slot || offset != other.offset || !shape.equals(other.shape)) {
      return false;
    }
    for (int i = 0; i < strides.length; i++) {
      if (shape.extent(i) > 1 && strides[i] != other.strides[i]) {
        return false;
      }
    }
    return true;
  }
}
