package dev.lockstep.program.primitive;

import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What the rules of several reductions share. */
final class Reductions {
  private Reductions() {}

  /** Returns the lowest value of an integer dtype; false for bool. */
  static long lowest(DType dtype) {
    return switch (dtype) {
      case BOOL -> 0;
      case I32 -> Integer.MIN_VALUE;
      case I64, F32, F64, BF16 -> Long.MIN_VALUE;
    };
  }

  /** Returns the highest value of an integer dtype; true for bool. */
  static long highest(DType dtype) {
    return switch (dtype) {
      case BOOL -> 1;
      case I32 -> Integer.MAX_VALUE;
      case I64, F32, F64, BF16 -> Long.MAX_VALUE;
    };
  }

  /** Returns the axes of a tensor of this rank that are not in {@code axes}. */
  static List<Integer> others(int rank, List<Integer> axes) {
    List<Integer> others = new ArrayList<>(rank);
    for (int axis = 0; axis < rank; axis++) {
      if (!axes.contains(axis)) {
        others.add(axis);
      }
    }
    return others;
  }

  /** Returns {@code x}, which lacks {@code axes} of {@code shape}, repeated along them. */
  static Tensor repeat(Tensor x, Shape shape, List<Integer> axes) {
    return Trace.bind(new Structural.BroadcastInDim(shape, others(shape.rank(), axes)), x);
  }

  /** Returns the mean of the tangents of those elements that equal the result. */
  static Tensor chosenTangent(Tensor x, Tensor dx, Tensor y, List<Integer> axes) {
    Tensor chosen = x.equal(repeat(y, x.shape(), axes));
    Tensor sum = Trace.bind(new Reduction.Sum(axes), Tensor.where(chosen, dx, Rules.like(dx, 0)));
    return sum.div(Trace.bind(new Reduction.Sum(axes), chosen.cast(x.dtype())));
  }

  /**
   * Returns the tangent of the product of all elements along {@code axes}, by multiplying pairs of
   * halves until one is left: no division, so zeros do no harm.
   */
  static Tensor productTangent(Tensor x, Tensor dx, List<Integer> axes) {
    Shape shape = x.shape();
    List<Integer> kept = others(shape.rank(), axes);
    List<Integer> order = new ArrayList<>(kept);
    order.addAll(axes);
    long count = axes.stream().mapToLong(shape::extent).reduce(1, (a, b) -> a * b);
    long[] extents = new long[kept.size() + 1];
    for (int i = 0; i < kept.size(); i++) {
      extents[i] = shape.extent(kept.get(i));
    }
    extents[kept.size()] = count;
    if (count == 0) {
      return null;
    }
    Structural.Transpose last = new Structural.Transpose(order);
    Structural.Reshape flat = new Structural.Reshape(Shape.of(extents));
    Tensor factors = Trace.bind(flat, Trace.bind(last, x));
    Tensor tangents = Trace.bind(flat, Trace.bind(last, dx));
    for (long n = count; n > 1; n = (n + 1) / 2) {
      long half = n / 2;
      Tensor left = part(factors, 0, half);
      Tensor right = part(factors, half, 2 * half);
      Tensor product = left.mul(right);
      Tensor tangent =
          part(tangents, 0, half).mul(right).add(left.mul(part(tangents, half, 2 * half)));
      boolean odd = n % 2 == 1;
      factors = odd ? join(product, part(factors, n - 1, n)) : product;
      tangents = odd ? join(tangent, part(tangents, n - 1, n)) : tangent;
    }
    return Trace.bind(new Structural.Reshape(factors.shape().remove(kept.size())), tangents);
  }

  private static Tensor part(Tensor x, long start, long limit) {
    return Rearrangements.part(x, x.rank() - 1, start, limit);
  }

  private static Tensor join(Tensor x, Tensor y) {
    return Trace.bind(new Structural.Concatenate(x.rank() - 1), x, y);
  }
}
