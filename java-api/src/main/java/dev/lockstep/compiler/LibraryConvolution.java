package dev.lockstep.compiler;

import dev.lockstep.program.primitive.Convolution.ConvGeneral;
import dev.lockstep.program.primitive.Windowing;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Finds out which of the library's three kinds a convolution is. A derivative's convolution, which
 * spreads its operand or has a kernel as large as images, is the transpose of a plain one.
 */
final class LibraryConvolution {
  /** Below so many multiplications building the library's kernels does not pay. */
  private static final long LEAST_MULTIPLICATIONS = 100_000;

  /** Windows of so many elements are in the caches when the products read them. */
  private static final long MOST_WINDOWS = 2_000_000;

  /** With so many channels a group, the library's kernels of f32 are at home. */
  private static final long GROUP_CHANNELS = 8;

  /** Results of so few channels are faster as sums of products that overlap, as measured. */
  private static final long FEW_CHANNELS = 4;

  private LibraryConvolution() {}

  /** Returns whether the library takes the convolution. */
  static boolean takes(ConvGeneral op, TensorType x, TensorType w) {
    return lower(op, somewhere(x), somewhere(w), somewhere(op.infer(List.of(x, w)).getFirst()))
        != null;
  }

  private static View somewhere(TensorType type) {
    return View.dense(Slot.temporary(type.bytes()), type);
  }

  /** Returns the steps that compute {@code result}, or null if the library does not take it. */
  static List<Step> lower(ConvGeneral op, View x, View w, View result) {
    boolean known = x.dtype() == DType.F32 || x.dtype() == DType.BF16;
    if (!known || multiplications(w, result) < LEAST_MULTIPLICATIONS) {
      return null;
    }
    if (x.dtype() == DType.F32 && op.groups() > 1 && productsAreFaster(op, x, w, result)) {
      return null;
    }
    List<Step> steps = new ArrayList<>();
    View flipped = somewhere(new TensorType(result.dtype(), result.shape()));
    Step.Convolve conv = kernelOfTransposed(op, x, w, flipped);
    boolean flips = conv != null;
    if (!flips) {
      conv = kindOf(op, x, w, result, steps);
    }
    if (conv == null || !fits(conv)) {
      return null;
    }
    Step.Convolve inOrder =
        new Step.Convolve(
            conv.kind(),
            conv.groups(),
            ordered(conv.x(), result, steps),
            ordered(conv.w(), result, steps),
            ordered(conv.y(), result, steps),
            conv.strides(),
            conv.dilation(),
            conv.low(),
            null);
    steps.add(inOrder);
    if (flips) {
      steps.add(Step.Copy.of(flipped.reverse(spatial(result, 2)), result));
    }
    return steps;
  }

  /**
   * Returns whether one batch of matrix products, a group each, is faster, as measured: with
   * kernels of one element and their gradients, whose windows are the operand; else with groups of
   * few channels but more than one product, if the copied windows are small.
   */
  private static boolean productsAreFaster(ConvGeneral op, View x, View w, View result) {
    if (!isOne(op.inputDilation())) {
      return false;
    }
    long places = places(result);
    if (places(w) == 1 || places == 1) {
      return true;
    }
    long in = w.shape().extent(1);
    long out = w.shape().extent(0) / op.groups();
    long windows = x.shape().extent(0) * x.shape().extent(1) * places * places(w);
    return places(w) <= places && in < GROUP_CHANNELS && in * out > 1 && windows <= MOST_WINDOWS;
  }

  /** Returns the convolution as one of the kinds, or null if it spreads and has strides too. */
  private static Step.Convolve kindOf(
      ConvGeneral op, View x, View w, View result, List<Step> steps) {
    if (!isOne(op.inputDilation())) {
      return isOne(op.strides()) ? input(op, x, w, result, steps) : null;
    }
    if (places(w) > places(result)) {
      return kernel(op, x, w, result, steps);
    }
    boolean few = result.shape().extent(1) <= FEW_CHANNELS && x.dtype() == DType.F32;
    if (few && op.groups() == 1 && isOne(op.strides()) && places(w) > 1) {
      Step.Convolve scattered = input(op, x, w, result, steps);
      if (fits(scattered)) {
        return scattered;
      }
    }
    return forward(op, x, w, result);
  }

  private static Step.Convolve forward(ConvGeneral op, View x, View w, View result) {
    return new Step.Convolve(
        Step.Convolve.Kind.FORWARD,
        op.groups(),
        x,
        w,
        result,
        op.strides(),
        op.kernelDilation(),
        op.low(),
        null);
  }

  /**
   * The cotangent stands as the kernel, examples and channels exchanged in all three. With groups
   * an example's channels lie apart: {@code x} is {@code [in, (groups, examples), spatial…]}.
   */
  private static Step.Convolve kernel(
      ConvGeneral op, View x, View w, View result, List<Step> steps) {
    View split = ConvolutionLowering.split(x, 1, op.groups());
    List<Integer> order = new ArrayList<>(List.of(2, 1, 0));
    IntStream.range(3, split.shape().rank()).forEach(order::add);
    View examples = split.transpose(order);
    Shape merged =
        examples.shape().remove(2).remove(1).insert(1, op.groups() * split.shape().extent(0));
    View images = examples.reshape(merged);
    if (images == null) {
      images = Step.Copy.toTemporary(examples, steps).reshape(merged);
    }
    return new Step.Convolve(
        Step.Convolve.Kind.KERNEL,
        op.groups(),
        images,
        exchanged(result, 0),
        exchanged(w, 0),
        op.kernelDilation(),
        op.strides(),
        op.low(),
        null);
  }

  /**
   * A transposed convolution's operand stands as the spread operand, the cotangent as the kernel:
   * the transposed one's operand is the cotangent of a plain one whose images are the cotangent.
   * The kernel comes out flipped. Null if the convolution is none such.
   */
  private static Step.Convolve kernelOfTransposed(ConvGeneral op, View x, View w, View flipped) {
    boolean spreads = !isOne(op.inputDilation()) && isOne(op.kernelDilation());
    if (!spreads || op.groups() != 1 || places(w) <= places(flipped)) {
      return null;
    }
    List<Long> low = new ArrayList<>();
    for (int i = 0; i < op.strides().size(); i++) {
      low.add(reach(op.strides().get(i), flipped, i) - 1 - op.low().get(i));
    }
    Step.Convolve conv =
        new Step.Convolve(
            Step.Convolve.Kind.KERNEL,
            1,
            exchanged(w, 0),
            flipped,
            exchanged(x, 0),
            op.inputDilation(),
            op.strides(),
            low,
            null);
    return fits(conv) ? conv : null;
  }

  /** The cotangent stands as the spread operand, the kernel flipped, its channels exchanged. */
  private static Step.Convolve input(
      ConvGeneral op, View x, View w, View result, List<Step> steps) {
    List<Long> low = new ArrayList<>();
    for (int i = 0; i < op.strides().size(); i++) {
      low.add(reach(op.kernelDilation().get(i), w, i) - 1 - op.low().get(i));
    }
    View groups = exchanged(ConvolutionLowering.split(w, 0, op.groups()), 1);
    View flipped = groups.reverse(spatial(groups, 3));
    Shape joined =
        groups.shape().remove(1).remove(0).insert(0, op.groups() * groups.shape().extent(1));
    View kernel =
        op.groups() == 1
            ? flipped.part(0, 0, 1).reshape(joined)
            : Step.Copy.toTemporary(flipped, steps).reshape(joined);
    return new Step.Convolve(
        Step.Convolve.Kind.INPUT,
        op.groups(),
        result,
        kernel,
        x,
        op.inputDilation(),
        op.kernelDilation(),
        low,
        null);
  }

  private static boolean fits(Step.Convolve conv) {
    for (int i = 0; i < conv.strides().size(); i++) {
      long stride = conv.strides().get(i);
      long low = conv.low().get(i);
      long reach = reach(conv.dilation().get(i), conv.w(), i);
      long windows = conv.y().shape().extent(i + 2);
      long padded = Math.max((windows - 1) * stride + reach, conv.x().shape().extent(i + 2) + low);
      if (low < 0 || Windowing.fitting(padded, reach, stride) != windows) {
        return false;
      }
    }
    return true;
  }

  /** Returns the view with strides of 1 or more, a copy if it has others; results have such. */
  private static View ordered(View view, View result, List<Step> steps) {
    long[] strides = view.strides().clone();
    boolean memory = view.slot().isMemory();
    for (int axis = 0; axis < strides.length; axis++) {
      if (view.shape().extent(axis) == 1) {
        strides[axis] = Math.max(1, strides[axis]);
      }
      memory &= strides[axis] > 0;
    }
    if (!memory && view.slot() != result.slot()) {
      return Step.Copy.toTemporary(view, steps);
    }
    return new View(view.slot(), view.dtype(), view.shape(), view.offset(), strides);
  }

  private static View exchanged(View view, int axis) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, view.shape().rank()).boxed().toList());
    order.set(axis, axis + 1);
    order.set(axis + 1, axis);
    return view.transpose(order);
  }

  private static List<Integer> spatial(View view, int first) {
    return IntStream.range(first, view.shape().rank()).boxed().toList();
  }

  private static boolean isOne(List<Long> values) {
    return values.stream().allMatch(value -> value == 1);
  }

  private static long reach(long dilation, View w, int i) {
    return Windowing.dilated(w.shape().extent(i + 2), dilation);
  }

  /** Returns the product of the spatial extents. */
  private static long places(View view) {
    return LongStream.of(view.shape().extents()).skip(2).reduce(1, (a, b) -> a * b);
  }

  private static long multiplications(View w, View result) {
    return result.shape().size() * w.shape().extent(1) * places(w);
  }
}
