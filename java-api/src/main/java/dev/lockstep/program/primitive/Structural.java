package dev.lockstep.program.primitive;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Operand.Unknown;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** Ops that move elements without computing, and constants. */
public sealed interface Structural extends Primitive
    permits Structural.Rearrangement, Structural.Constant {
  @Override
  default String name() {
    return Names.of(getClass());
  }

  /** Where an element of a result comes from. */
  record Source(int operand, long... index) {}

  /** Ops that take each element of the result from an operand, and so are linear. */
  sealed interface Rearrangement extends Structural, Linear
      permits BroadcastInDim, Reshape, Transpose, Slice, Pad, Concatenate, Reverse, Placed {
    /** Returns where the element at {@code index} comes from, or null for a zero. */
    Source source(List<Shape> operands, long[] index);

    /** Applies the op to the tangent. */
    @Override
    default List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(Trace.bind(this, tangents.getFirst()));
    }

    /** Moves as the cotangent does. */
    @Override
    default List<Tensor> support(List<Tensor> supports, List<Operand> operands) {
      return supports.getFirst() == null
          ? Collections.nCopies(operands.size(), null)
          : transpose(supports, operands);
    }
  }

  /** Ops without operands. */
  sealed interface Constant extends Structural {
    /** Returns the result's type. */
    TensorType type();

    /** Returns the element at {@code index}: a Double or a Long. */
    Number element(long[] index);

    @Override
    default List<TensorType> infer(List<TensorType> operands) {
      return List.of(type());
    }

    @Override
    default List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(null);
    }

    /** Returns the one result that all examples share. */
    @Override
    default Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return new Batched(List.of(Trace.bind(this)), new boolean[] {false});
    }
  }

  /**
   * Repeats elements along new axes and along axes of extent 1.
   *
   * @param shape the result's
   * @param axes for each axis of the operand the axis of the result that it becomes, ascending; the
   *     operand's extent is the result's or 1
   */
  record BroadcastInDim(Shape shape, List<Integer> axes) implements Rearrangement {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      boolean fits = axes.size() == operand.shape().rank();
      for (int i = 0; fits && i < axes.size(); i++) {
        int axis = axes.get(i);
        long extent = operand.shape().extent(i);
        fits =
            axis > (i == 0 ? -1 : axes.get(i - 1))
                && axis < shape.rank()
                && (extent == 1 || extent == shape.extent(axis));
      }
      if (!fits) {
        throw new ShapeException(
            "broadcast_in_dim: %s does not fit %s at axes %s".formatted(operand, shape, axes));
      }
      return List.of(operand.with(shape));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return Batched.of(
          Trace.bind(
              new BroadcastInDim(shape.insert(0, size), Rearrangements.withFirst(axes)),
              operands.getFirst()));
    }

    /** Sums over the axes along which elements were repeated. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Rules.one(reduce(cotangents.getFirst(), operands.getFirst(), Reduction.Sum::new));
    }

    /** Where any of the repeated elements may differ from zero. */
    @Override
    public List<Tensor> support(List<Tensor> supports, List<Operand> operands) {
      Tensor support = supports.getFirst();
      return Rules.one(
          support == null ? null : reduce(support, operands.getFirst(), Reduction.Max::new));
    }

    private Tensor reduce(Tensor ct, Operand from, Function<List<Integer>, Reduction> reduction) {
      Shape operand = from.type().shape();
      List<Integer> repeated = new ArrayList<>();
      for (int axis = 0; axis < shape.rank(); axis++) {
        int source = axes.indexOf(axis);
        if (source < 0 || operand.extent(source) != shape.extent(axis)) {
          repeated.add(axis);
        }
      }
      Tensor all = repeated.isEmpty() ? ct : Trace.bind(reduction.apply(repeated), ct);
      return all.shape().equals(operand) ? all : Trace.bind(new Reshape(operand), all);
    }

    @Override
    public Source source(List<Shape> operands, long[] index) {
      Shape operand = operands.getFirst();
      long[] from = new long[axes.size()];
      for (int i = 0; i < from.length; i++) {
        from[i] = operand.extent(i) == 1 ? 0 : index[axes.get(i)];
      }
      return new Source(0, from);
    }
  }

  /** Gives the elements, in row-major order, another shape of the same size. */
  record Reshape(Shape shape) implements Rearrangement {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      if (operand.shape().size() != shape.size()) {
        throw new ShapeException("reshape: %s does not fit %s".formatted(operand, shape));
      }
      return List.of(operand.with(shape));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return Batched.of(Trace.bind(new Reshape(shape.insert(0, size)), operands.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Shape operand = operands.getFirst().type().shape();
      return Rules.one(Trace.bind(new Reshape(operand), cotangents.getFirst()));
    }

    @Override
    public Source source(List<Shape> operands, long[] index) {
      long position = 0;
      for (int axis = 0; axis < index.length; axis++) {
        position = position * shape.extent(axis) + index[axis];
      }
      Shape operand = operands.getFirst();
      long[] from = new long[operand.rank()];
      for (int axis = from.length - 1; axis >= 0; axis--) {
        from[axis] = position % operand.extent(axis);
        position /= operand.extent(axis);
      }
      return new Source(0, from);
    }
  }

  /**
   * Permutes the axes.
   *
   * @param permutation for each axis of the result the axis of the operand that it was
   */
  record Transpose(List<Integer> permutation) implements Rearrangement {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      int rank = operand.shape().rank();
      boolean[] taken = new boolean[rank];
      boolean fits = permutation.size() == rank;
      long[] extents = new long[rank];
      for (int i = 0; fits && i < rank; i++) {
        int axis = permutation.get(i);
        fits = axis >= 0 && axis < rank && !taken[axis];
        if (fits) {
          taken[axis] = true;
          extents[i] = operand.shape().extent(axis);
        }
      }
      if (!fits) {
        throw new AxisException(
            "transpose: %s is no permutation of the axes of %s".formatted(permutation, operand));
      }
      return List.of(operand.with(Shape.of(extents)));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return Batched.of(
          Trace.bind(new Transpose(Rearrangements.withFirst(permutation)), operands.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Rules.one(
          Trace.bind(new Transpose(Rearrangements.inverse(permutation)), cotangents.getFirst()));
    }

    @Override
    public Source source(List<Shape> operands, long[] index) {
      long[] from = new long[index.length];
      for (int i = 0; i < index.length; i++) {
        from[permutation.get(i)] = index[i];
      }
      return new Source(0, from);
    }
  }

  /** Takes the elements from {@code start} up to, not including, {@code limit}, one a stride. */
  record Slice(List<Long> start, List<Long> limit, List<Long> stride) implements Rearrangement {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      long[] extents = operand.shape().extents();
      boolean fits =
          start.size() == extents.length
              && limit.size() == extents.length
              && stride.size() == extents.length;
      for (int axis = 0; fits && axis < extents.length; axis++) {
        fits =
            start.get(axis) >= 0
                && start.get(axis) <= limit.get(axis)
                && limit.get(axis) <= extents[axis]
                && stride.get(axis) >= 1;
        extents[axis] =
            fits ? Math.ceilDiv(limit.get(axis) - start.get(axis), stride.get(axis)) : 0;
      }
      if (!fits) {
        throw new ShapeException(
            "slice: start %s, limit %s, stride %s do not fit %s"
                .formatted(start, limit, stride, operand));
      }
      return List.of(operand.with(Shape.of(extents)));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return Batched.of(
          Trace.bind(
              new Slice(
                  Rearrangements.prepend(0, start),
                  Rearrangements.prepend(size, limit),
                  Rearrangements.prepend(1, stride)),
              operands.getFirst()));
    }

    /** Puts the cotangent back in its place among zeros. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Tensor ct = cotangents.getFirst();
      Shape operand = operands.getFirst().type().shape();
      List<Long> high = new ArrayList<>();
      List<Long> interior = new ArrayList<>();
      for (int axis = 0; axis < ct.rank(); axis++) {
        long gap = stride.get(axis) - 1;
        long covered = Rearrangements.spread(ct.shape().extent(axis), gap);
        high.add(operand.extent(axis) - start.get(axis) - covered);
        interior.add(gap);
      }
      return Rules.one(Trace.bind(new Pad(start, high, interior), ct));
    }

    @Override
    public Source source(List<Shape> operands, long[] index) {
      long[] from = new long[index.length];
      for (int axis = 0; axis < index.length; axis++) {
        from[axis] = start.get(axis) + index[axis] * stride.get(axis);
      }
      return new Source(0, from);
    }
  }

  /** Adds zeros: {@code low} before, {@code high} behind and {@code interior} between elements. */
  record Pad(List<Long> low, List<Long> high, List<Long> interior) implements Rearrangement {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      long[] extents = operand.shape().extents();
      boolean fits =
          low.size() == extents.length
              && high.size() == extents.length
              && interior.size() == extents.length;
      for (int axis = 0; fits && axis < extents.length; axis++) {
        fits = low.get(axis) >= 0 && high.get(axis) >= 0 && interior.get(axis) >= 0;
        extents[axis] =
            low.get(axis)
                + Rearrangements.spread(extents[axis], interior.get(axis))
                + high.get(axis);
      }
      if (!fits) {
        throw new ShapeException(
            "pad: low %s, high %s, interior %s do not fit %s"
                .formatted(low, high, interior, operand));
      }
      return List.of(operand.with(Shape.of(extents)));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return Batched.of(
          Trace.bind(
              new Pad(
                  Rearrangements.prepend(0, low),
                  Rearrangements.prepend(0, high),
                  Rearrangements.prepend(0, interior)),
              operands.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Shape operand = operands.getFirst().type().shape();
      List<Long> limit = new ArrayList<>();
      List<Long> stride = new ArrayList<>();
      for (int axis = 0; axis < operand.rank(); axis++) {
        limit.add(low.get(axis) + Rearrangements.spread(operand.extent(axis), interior.get(axis)));
        stride.add(interior.get(axis) + 1);
      }
      return Rules.one(Trace.bind(new Slice(low, limit, stride), cotangents.getFirst()));
    }

    @Override
    public Source source(List<Shape> operands, long[] index) {
      long[] from = new long[index.length];
      for (int axis = 0; axis < index.length; axis++) {
        long step = interior.get(axis) + 1;
        long offset = index[axis] - low.get(axis);
        from[axis] = offset / step;
        if (offset < 0 || offset % step != 0 || from[axis] >= operands.getFirst().extent(axis)) {
          return null;
        }
      }
      return new Source(0, from);
    }
  }

  /** Joins its operands, which agree in all other axes, along one axis. */
  record Concatenate(int axis) implements Rearrangement {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType first = operands.getFirst();
      long extent = 0;
      for (TensorType operand : operands) {
        boolean fits =
            operand.dtype() == first.dtype()
                && axis < operand.shape().rank()
                && operand.shape().remove(axis).equals(first.shape().remove(axis));
        if (!fits) {
          throw new ShapeException(
              "concatenate: operands differ beyond axis %d: %s".formatted(axis, operands));
        }
        extent += operand.shape().extent(axis);
      }
      return List.of(first.with(first.shape().remove(axis).insert(axis, extent)));
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor[] parts = new Tensor[operands.size()];
      for (int i = 0; i < parts.length; i++) {
        Tensor tangent = tangents.get(i);
        parts[i] = tangent == null ? Rules.like(operands.get(i), 0) : tangent;
      }
      return Rules.one(Trace.bind(this, parts));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      Tensor[] parts = new Tensor[mapped.length];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = mapped[i] ? operands.get(i) : Rules.repeat(operands.get(i), size);
      }
      return Batched.of(Trace.bind(new Concatenate(axis + 1), parts));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Tensor ct = cotangents.getFirst();
      List<Tensor> parts = new ArrayList<>();
      long start = 0;
      for (Operand operand : operands) {
        long limit = start + operand.type().shape().extent(axis);
        parts.add(operand instanceof Unknown ? Rearrangements.part(ct, axis, start, limit) : null);
        start = limit;
      }
      return parts;
    }

    @Override
    public Source source(List<Shape> operands, long[] index) {
      long[] from = index.clone();
      int operand = 0;
      while (from[axis] >= operands.get(operand).extent(axis)) {
        from[axis] -= operands.get(operand).extent(axis);
        operand++;
      }
      return new Source(operand, from);
    }
  }

  /** Reverses the order along some axes. */
  record Reverse(List<Integer> axes) implements Rearrangement {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      for (int axis : axes) {
        if (axis < 0 || axis >= operand.shape().rank()) {
          throw new AxisException("reverse: axes %s do not fit %s".formatted(axes, operand));
        }
      }
      return operands;
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      List<Integer> shifted = axes.stream().map(axis -> axis + 1).toList();
      return Batched.of(Trace.bind(new Reverse(shifted), operands.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Rules.one(Trace.bind(this, cotangents.getFirst()));
    }

    @Override
    public Source source(List<Shape> operands, long[] index) {
      long[] from = index.clone();
      for (int axis : axes) {
        from[axis] = operands.getFirst().extent(axis) - 1 - index[axis];
      }
      return new Source(0, from);
    }
  }

  /** Counts 0, 1, 2 … along one axis. */
  record Iota(TensorType type, int axis) implements Constant {
    @Override
    public Number element(long[] index) {
      return type.dtype().isFloating() ? (Number) (double) index[axis] : (Number) index[axis];
    }
  }

  /**
   * Has one value everywhere.
   *
   * @param value a Double if the dtype is floating, else a Long (0 or 1 for bool)
   */
  record Full(TensorType type, Number value) implements Constant {
    public Full {
      value = type.dtype().isFloating() ? (Number) value.doubleValue() : (Number) value.longValue();
    }

    @Override
    public Number element(long[] index) {
      return value;
    }
  }
}
