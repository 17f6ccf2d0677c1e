package dev.lockstep.autodiff;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.AffineMap;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Comparison;
import dev.lockstep.program.primitive.Placed;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The few tensors and moves that transforms need of themselves. */
final class Values {
  private Values() {}

  static Tensor zeros(TensorType type) {
    return full(type, 0);
  }

  static Tensor ones(TensorType type) {
    return full(type, 1);
  }

  private static Tensor full(TensorType type, int value) {
    Number number = type.dtype().isFloating() ? (Number) (double) value : (Number) (long) value;
    return Trace.bind(new Structural.Full(type, number));
  }

  /** Returns {@code x} with its axis {@code from} as axis {@code to}, the others in their order. */
  static Tensor moveAxis(Tensor x, int from, int to) {
    if (from == to) {
      return x;
    }
    List<Integer> permutation = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    permutation.add(to, permutation.remove(from));
    return Trace.bind(new Structural.Transpose(List.copyOf(permutation)), x);
  }

  /** Returns {@code x} repeated {@code size} times along a new axis. */
  static Tensor repeat(Tensor x, int axis, long size) {
    List<Integer> axes = IntStream.range(0, x.rank()).mapToObj(i -> i < axis ? i : i + 1).toList();
    return Trace.bind(new Structural.BroadcastInDim(x.shape().insert(axis, size), axes), x);
  }

  static Tensor reshape(Tensor x, Shape shape) {
    return x.shape().equals(shape) ? x : Trace.bind(new Structural.Reshape(shape), x);
  }

  /** Returns the extents of {@code a} followed by those of {@code b}. */
  static Shape join(Shape a, Shape b) {
    long[] extents = new long[a.rank() + b.rank()];
    System.arraycopy(a.extents(), 0, extents, 0, a.rank());
    System.arraycopy(b.extents(), 0, extents, a.rank(), b.rank());
    return Shape.of(extents);
  }

  /**
   * Returns all unit vectors of the type along a new axis 0: the identity matrix, reshaped. The
   * compiler keeps it symbolic.
   */
  static Tensor unitVectors(TensorType type) {
    long size = type.shape().size();
    Tensor ones = ones(type.with(Shape.of(size)));
    Tensor identity =
        Trace.bind(new Placed.Embed(Shape.of(size, size), AffineMap.diagonal()), ones);
    return reshape(identity, type.shape().insert(0, size));
  }

  /** Returns the unit vector of the type at an {@code i32} index into its elements. */
  static Tensor unitVector(TensorType type, Tensor index) {
    TensorType flat = TensorType.of(DType.I32, type.shape().size());
    Tensor elements = Trace.bind(new Structural.Iota(flat, 0));
    Tensor wanted = Trace.bind(new Structural.BroadcastInDim(flat.shape(), List.of()), index);
    Tensor unit =
        Trace.bind(new Cast(type.dtype()), Trace.bind(new Comparison.Eq(), elements, wanted));
    return reshape(unit, type.shape());
  }

  /** Returns a part of {@code x} along one axis. */
  static Tensor slice(Tensor x, int axis, long start, long limit, long stride) {
    if (start == 0 && stride == 1 && limit == x.shape().extent(axis)) {
      return x;
    }
    long[] starts = new long[x.rank()];
    long[] limits = x.shape().extents().clone();
    long[] strides = new long[x.rank()];
    Arrays.fill(strides, 1);
    starts[axis] = start;
    limits[axis] = limit;
    strides[axis] = stride;
    return x.slice(starts, limits, strides);
  }
}
