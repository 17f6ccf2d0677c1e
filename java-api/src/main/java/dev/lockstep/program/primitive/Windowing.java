package dev.lockstep.program.primitive;

import dev.lockstep.error.ShapeException;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Windows that slide along neighbouring axes: element {@code k} of window {@code o} stands at
 * {@code o · stride + k · dilation - low}.
 *
 * @param firstAxis the first of the axes that windows slide along
 * @param window how many elements a window has along each of them
 * @param low how far the first window begins before the operand, 0 or more
 * @param high how far windows may reach beyond the operand, 0 or more
 */
public record Windowing(
    int firstAxis,
    List<Long> window,
    List<Long> strides,
    List<Long> dilation,
    List<Long> low,
    List<Long> high) {

  /** Makes windows that stay inside the operand. */
  public Windowing(int firstAxis, List<Long> window, List<Long> strides, List<Long> dilation) {
    this(firstAxis, window, strides, dilation, none(window), none(window));
  }

  private static List<Long> none(List<Long> window) {
    return Collections.nCopies(window.size(), 0L);
  }

  /** Returns how many axes windows slide along. */
  public int count() {
    return window.size();
  }

  /** Returns how far a window reaches along the i-th axis: the extent of what it covers. */
  public long reach(int i) {
    return dilated(window.get(i), dilation.get(i));
  }

  /** Returns the extent of {@code count} elements that stand {@code dilation} apart. */
  public static long dilated(long count, long dilation) {
    return count == 0 ? 0 : 1 + (count - 1) * dilation;
  }

  /** Returns how many windows fit in {@code extent} elements. */
  public static long fitting(long extent, long reach, long stride) {
    return Math.max(0, Math.floorDiv(extent - reach, stride) + 1);
  }

  /** Returns the operand's shape with the number of windows in place of its windowed axes. */
  public Shape positions(Shape operand) {
    long[] extents = operand.extents();
    for (int i = 0; i < count(); i++) {
      int axis = firstAxis + i;
      long padded = low.get(i) + operand.extent(axis) + high.get(i);
      extents[axis] = fitting(padded, reach(i), strides.get(i));
    }
    return Shape.of(extents);
  }

  /** Returns the shape of all windows: their positions, then the elements of one. */
  public Shape windows(Shape operand) {
    Shape shape = positions(operand);
    for (long extent : window) {
      shape = shape.insert(shape.rank(), extent);
    }
    return shape;
  }

  /**
   * Returns where in the operand the element at {@code index} of the windows stands, which may be
   * outside.
   */
  public long[] source(long[] index) {
    long[] from = new long[index.length - count()];
    System.arraycopy(index, 0, from, 0, from.length);
    for (int i = 0; i < count(); i++) {
      int axis = firstAxis + i;
      long inWindow = index[from.length + i] * dilation.get(i);
      from[axis] = index[axis] * strides.get(i) + inWindow - low.get(i);
    }
    return from;
  }

  Windowing batched() {
    return new Windowing(firstAxis + 1, window, strides, dilation, low, high);
  }

  void require(String op, TensorType operand) {
    boolean fits =
        firstAxis >= 0
            && count() >= 1
            && count() <= 3
            && firstAxis + count() <= operand.shape().rank()
            && strides.size() == count()
            && dilation.size() == count()
            && low.size() == count()
            && high.size() == count();
    List<Long> all = new ArrayList<>(window);
    all.addAll(strides);
    all.addAll(dilation);
    List<Long> padding = new ArrayList<>(low);
    padding.addAll(high);
    if (!fits
        || all.stream().anyMatch(value -> value < 1)
        || padding.stream().anyMatch(value -> value < 0)) {
      throw new ShapeException(
          "%s: windows %s with strides %s, dilation %s and padding %s, %s from axis %d on do not fit %s"
              .formatted(op, window, strides, dilation, low, high, firstAxis, operand));
    }
  }
}
