package dev.lockstep.compiler;

import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.Convolution.ConvGeneral;
import dev.lockstep.program.primitive.Windowing;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Turns a convolution into the library's, or else into matrix products: the kernel, one row an
 * output channel, times the windows of the operand, one column a place.
 */
final class ConvolutionLowering {
  private ConvolutionLowering() {}

  /** Returns the steps that compute the convolution into {@code result}. */
  static List<Step> lower(ConvGeneral op, View x, View w, View result) {
    List<Step> steps = LibraryConvolution.lower(op, x, w, result);
    if (steps != null) {
      return steps;
    }
    steps = new ArrayList<>();
    int axes = op.strides().size();
    View kernel = split(inMemoryInOrder(w, steps), 0, op.groups());
    View padded = padded(op, x, steps);
    List<Long> extents = LongStream.of(w.shape().extents()).skip(2).boxed().toList();
    Windowing windowing = new Windowing(2, extents, op.strides(), op.kernelDilation());
    View columns = columns(split(padded.windows(windowing), 1, op.groups()), axes, steps);
    View rows = split(result, 1, op.groups());
    // kernel [g, o, i, k…], columns [n, g, i, p…, k…], result [n, g, o, p…] as [g, o, n, p…]
    List<Integer> kernelContracted = IntStream.range(2, 3 + axes).boxed().toList();
    List<Integer> columnsContracted =
        IntStream.concat(IntStream.of(2), IntStream.range(3 + axes, 3 + 2 * axes)).boxed().toList();
    List<Integer> order = new ArrayList<>(List.of(1, 2, 0));
    IntStream.range(3, 3 + axes).forEach(order::add);
    DotGeneral product =
        new DotGeneral(kernelContracted, columnsContracted, List.of(0), List.of(1));
    steps.addAll(MatmulLowering.lower(product, kernel, columns, rows.transpose(order)));
    return steps;
  }

  private static View inMemoryInOrder(View w, List<Step> steps) {
    return w.isContiguous() ? w : Step.Copy.toTemporary(w, steps);
  }

  /** Returns the operand with zeros in and around it, without what negative padding cuts off. */
  private static View padded(ConvGeneral op, View x, List<Step> steps) {
    long[] extents = x.shape().extents();
    List<Long> first = new ArrayList<>(List.of(0L, 0L));
    List<Long> limit = new ArrayList<>(List.of(extents[0], extents[1]));
    List<Long> start = new ArrayList<>(List.of(0L, 0L));
    List<Long> end = new ArrayList<>(List.of(extents[0], extents[1]));
    List<Long> steady = new ArrayList<>(List.of(1L, 1L));
    List<Long> distances = new ArrayList<>(List.of(1L, 1L));
    boolean same = true;
    for (int i = 0; i < op.strides().size(); i++) {
      long low = op.low().get(i);
      long distance = op.inputDilation().get(i);
      long extent = Math.max(0, op.padded(i, x.shape()));
      same &= extent == extents[i + 2] && low == 0;
      long from = low < 0 ? Math.ceilDiv(-low, distance) : 0;
      long to =
          Math.clamp(Math.ceilDiv(extent - low, distance), from, Math.max(from, extents[i + 2]));
      first.add(from);
      limit.add(to);
      start.add(low + from * distance);
      end.add(to > from ? low + (to - 1) * distance + 1 : low + from * distance);
      steady.add(1L);
      distances.add(distance);
      extents[i + 2] = extent;
    }
    if (same) {
      return Step.Copy.inMemory(x, steps);
    }
    TensorType type = new TensorType(x.dtype(), Shape.of(extents));
    View padded = View.dense(Slot.temporary(type.bytes()), type);
    steps.add(Step.Copy.of(View.constant(type, 0), padded));
    View inside = x.slice(first, limit, steady);
    if (inside.shape().size() > 0) {
      steps.add(Step.Copy.of(inside, padded.slice(start, end, distances)));
    }
    return padded;
  }

  /**
   * Returns windows {@code [n, g, i, p…, k…]} copied so that contracted axes stand before places,
   * or as they are where a window is one element.
   */
  private static View columns(View windows, int axes, List<Step> steps) {
    boolean single =
        IntStream.range(3 + axes, 3 + 2 * axes).allMatch(axis -> windows.shape().extent(axis) == 1);
    if (single) {
      return windows;
    }
    List<Integer> order = new ArrayList<>(List.of(0, 1, 2));
    IntStream.range(3 + axes, 3 + 2 * axes).forEach(order::add);
    IntStream.range(3, 3 + axes).forEach(order::add);
    return Step.Copy.toTemporary(windows.transpose(order), steps).untranspose(order);
  }

  /** Returns the view with an axis in two: the groups and what is in one. */
  static View split(View view, int axis, long groups) {
    long[] extents = view.shape().extents();
    long inside = extents[axis] / groups;
    long[] strides = new long[extents.length + 1];
    for (int i = 0; i < strides.length; i++) {
      strides[i] = view.strides()[i <= axis ? i : i - 1];
    }
    strides[axis] = strides[axis] * inside;
    strides[axis + 1] = view.strides()[axis];
    Shape shape = view.shape().remove(axis).insert(axis, inside).insert(axis, groups);
    return new View(view.slot(), view.dtype(), shape, view.offset(), strides);
  }
}
