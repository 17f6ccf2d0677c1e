package dev.lockstep.program.primitive;

import dev.lockstep.error.ShapeException;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Windows that slide along neighbouring axes: element {@code k} of window {@code o} stands at
 * {@code o · stride + k · dilation}.
 *
 * @param firstAxis the first of the axes that windows slide along
 * @param window how many elements a window has along each of them
 */
public record Windowing(int firstAxis, List<Long> window, List<Long> strides, List<Long> dilation) {

  /** Returns how many axes windows slide along. */
  public int count() {
    return window.size();
  }

  /** Returns the axes of {@code windows(operand)} that go through one window: the last ones. */
  List<Integer> windowAxes(int operandRank) {
    return Rules.range(operandRank, operandRank + count());
  }

  /** Returns how far a window reaches along the i-th axis: the extent of what it covers. */
  public long reach(int i) {
    return dilated(window.get(i), dilation.get(i));
  }

  /** Returns whether an element may be in several windows. */
  public boolean overlap() {
    for (int i = 0; i < count(); i++) {
      if (reach(i) > strides.get(i)) {
        return true;
      }
    }
    return false;
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
      extents[axis] = fitting(operand.extent(axis), reach(i), strides.get(i));
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

  /** Returns where in the operand the element at {@code index} of the windows stands. */
  public long[] source(long[] index) {
    long[] from = new long[index.length - count()];
    System.arraycopy(index, 0, from, 0, from.length);
    for (int i = 0; i < count(); i++) {
      int axis = firstAxis + i;
      from[axis] = index[axis] * strides.get(i) + index[from.length + i] * dilation.get(i);
    }
    return from;
  }

  Windowing batched() {
    return new Windowing(firstAxis + 1, window, strides, dilation);
  }

  void require(String op, TensorType operand) {
    boolean fits =
        firstAxis >= 0
            && firstAxis + count() <= operand.shape().rank()
            && strides.size() == count()
            && dilation.size() == count();
    List<Long> all = new ArrayList<>(window);
    all.addAll(strides);
    all.addAll(dilation);
    if (!fits || all.stream().anyMatch(value -> value < 1)) {
      throw new ShapeException(
          "%s: windows %s with strides %s and dilation %s from axis %d on do not fit %s"
              .formatted(op, window, strides, dilation, firstAxis, operand));
    }
  }
}
