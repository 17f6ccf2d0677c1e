package dev.lockstep.program.primitive;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Operand.Known;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sums of products of a kernel with what it covers at each place. */
public sealed interface Convolution extends Primitive {

  /**
   * The cross-correlation {@code y[n, o, p] = sum over i, k of x[n, i, p · stride + k · dilation -
   * low] w[o, i, k]} of {@code x[N, C, spatial…]} and {@code w[O, C / groups, kernel…]}; both
   * channel axes are split into groups that meet pairwise. Each list has one entry a spatial axis.
   *
   * @param low zeros before the operand; negative ones cut elements off
   * @param high zeros after the operand
   * @param inputDilation the distance of the operand's elements, with zeros between them
   * @param kernelDilation the distance of the kernel's elements
   */
  record ConvGeneral(
      List<Long> strides,
      List<Long> low,
      List<Long> high,
      List<Long> inputDilation,
      List<Long> kernelDilation,
      long groups)
      implements Convolution, Linear {

    @Override
    public String name() {
      return Names.of(getClass());
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType x = operands.get(0);
      TensorType w = operands.get(1);
      int rank = x.shape().rank();
      if (x.dtype() != w.dtype() || !Domain.ARITHMETIC.contains(x.dtype())) {
        throw new DTypeException("conv_general: expected numbers of one dtype, got " + operands);
      }
      boolean fits =
          rank == strides.size() + 2
              && w.shape().rank() == rank
              && groups > 0
              && x.shape().extent(1) == w.shape().extent(1) * groups
              && w.shape().extent(0) % groups == 0;
      if (!fits) {
        throw new ShapeException(
            "conv_general: a kernel %s for %d groups does not fit %s".formatted(w, groups, x));
      }
      long[] extents = new long[rank];
      extents[0] = x.shape().extent(0);
      extents[1] = w.shape().extent(0);
      for (int i = 0; i < strides.size(); i++) {
        extents[i + 2] =
            Windowing.fitting(padded(i, x.shape()), reach(i, w.shape()), strides.get(i));
      }
      return List.of(x.with(Shape.of(extents)));
    }

    /** Returns the i-th spatial extent of the operand with the zeros in and around it. */
    public long padded(int i, Shape x) {
      return spread(i, x) + low.get(i) + high.get(i);
    }

    private long spread(int i, Shape x) {
      return Windowing.dilated(x.extent(i + 2), inputDilation.get(i));
    }

    private long reach(int i, Shape w) {
      return Windowing.dilated(w.extent(i + 2), kernelDilation.get(i));
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor dx = tangents.get(0);
      Tensor dw = tangents.get(1);
      return Rules.one(
          Rules.sum(
              dx == null ? null : Trace.bind(this, dx, operands.get(1)),
              dw == null ? null : Trace.bind(this, operands.get(0), dw)));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Tensor ct = cotangents.getFirst();
      Shape x = operands.get(0).type().shape();
      Shape w = operands.get(1).type().shape();
      if (operands.get(1) instanceof Known(Tensor kernel)) {
        return Arrays.asList(cotangentOfOperand(ct, x, kernel), null);
      }
      return Arrays.asList(null, cotangentOfKernel(ct, Rules.known(operands.get(0)), w));
    }

    /** Convolves the spread cotangent with the flipped kernel, its channels exchanged. */
    private Tensor cotangentOfOperand(Tensor ct, Shape x, Tensor kernel) {
      Shape w = kernel.shape();
      List<Long> before = new ArrayList<>();
      List<Long> after = new ArrayList<>();
      for (int i = 0; i < strides.size(); i++) {
        long reach = reach(i, w);
        long first = reach - low.get(i) - 1;
        before.add(first);
        after.add(spread(i, x) + reach - 1 - spreadResult(i, ct.shape()) - first);
      }
      long[] exchanged = w.extents();
      exchanged[0] = w.extent(1) * groups;
      exchanged[1] = w.extent(0) / groups;
      Tensor flipped =
          split(kernel, 0, groups).swapAxes(1, 2).reshape(exchanged).flip(spatial(kernel.rank()));
      ConvGeneral back =
          new ConvGeneral(inputDilation, before, after, strides, kernelDilation, groups);
      return Trace.bind(back, ct, flipped);
    }

    /** Convolves the operand with the spread cotangent; examples and channels change roles. */
    private Tensor cotangentOfKernel(Tensor ct, Tensor x, Shape w) {
      List<Long> after = new ArrayList<>();
      for (int i = 0; i < strides.size(); i++) {
        after.add(
            spreadResult(i, ct.shape()) - spread(i, x.shape()) + reach(i, w) - low.get(i) - 1);
      }
      long[] exchanged = x.shape().extents();
      exchanged[0] = w.extent(1);
      exchanged[1] = groups * x.shape().extent(0);
      Tensor examples = split(x, 1, groups).swapAxes(0, 2).reshape(exchanged);
      ConvGeneral back =
          new ConvGeneral(kernelDilation, low, after, inputDilation, strides, groups);
      return Trace.bind(back, examples, ct.swapAxes(0, 1)).swapAxes(0, 1);
    }

    private long spreadResult(int i, Shape result) {
      return Windowing.dilated(result.extent(i + 2), strides.get(i));
    }

    private static int[] spatial(int rank) {
      return Rules.range(2, rank).stream().mapToInt(axis -> axis).toArray();
    }

    /**
     * A mapped operand's batch joins the examples. A mapped kernel's batch joins the result's
     * channels, within each group; if both are mapped it becomes groups.
     */
    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      Tensor x = operands.get(0);
      Tensor w = operands.get(1);
      if (size == 0) {
        TensorType example = x.type().with(mapped[0] ? x.shape().remove(0) : x.shape());
        TensorType kernel = w.type().with(mapped[1] ? w.shape().remove(0) : w.shape());
        TensorType result = infer(List.of(example, kernel)).getFirst();
        return Batched.of(Rules.full(result.with(result.shape().insert(0, 0)), 0));
      }
      if (mapped[0] && mapped[1]) {
        ConvGeneral more =
            new ConvGeneral(strides, low, high, inputDilation, kernelDilation, groups * size);
        Tensor joined = Trace.bind(more, merge(x.swapAxes(0, 1), 1), merge(w, 0));
        return Batched.of(split(joined, 1, size).moveAxis(1, 0));
      }
      if (mapped[0]) {
        return Batched.of(split(Trace.bind(this, merge(x, 0), w), 0, size));
      }
      Tensor kernels = split(w, 1, groups).moveAxis(0, 1);
      Tensor joined = Trace.bind(this, x, merge(merge(kernels, 0), 0));
      Tensor parts = split(split(joined, 1, groups), 2, size).moveAxis(2, 0);
      return Batched.of(merge(parts, 2));
    }

    /** Returns {@code x} with an axis and the next one as one. */
    private static Tensor merge(Tensor x, int axis) {
      long extent = x.shape().extent(axis) * x.shape().extent(axis + 1);
      return x.reshape(x.shape().remove(axis + 1).remove(axis).insert(axis, extent).extents());
    }

    /** Returns {@code x} with an axis in two, of which the outer one has {@code count} parts. */
    private static Tensor split(Tensor x, int axis, long count) {
      long extent = x.shape().extent(axis) / count;
      return x.reshape(x.shape().remove(axis).insert(axis, extent).insert(axis, count).extents());
    }
  }
}
