package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Indexing.Bounds;
import dev.lockstep.program.primitive.Indexing.Scatter;
import dev.lockstep.program.primitive.Structural.Full;
import java.util.ArrayList;
import java.util.List;

/** Tensors that differ from others at some places, and sums of segments. */
final class UpdateOps {
  private UpdateOps() {}

  /** Returns x with the values combined into the selected places. */
  static Tensor update(String op, Scatter.Mode mode, Tensor x, Index[] indices, Tensor values) {
    if (indices.length == 1
        && indices[0] instanceof IndexEntry.Of(Tensor mask)
        && mask.dtype() == DType.BOOL) {
      return masked(op, mode, x, mask, values);
    }
    Selection selection = new Selection(op, x, indices);
    Tensor known = inDType(op, x, values);
    return Trace.staged(() -> {
      Selection.Places places = selection.places(ElementwiseOps.convert(known, x.dtype()));
      return places.axes().isEmpty()
          ? combine(mode, x, places.updates())
          : scatter(mode, x, places.axes(), places.indices(), places.updates());
    });
  }

  /** Writes along these axes; the updates have the indices' axes first. */
  static Tensor scatter(
      Scatter.Mode mode, Tensor x, List<Integer> axes, List<Tensor> indices, Tensor updates) {
    List<Integer> order = IndexingOps.first(axes, x.rank());
    List<Tensor> operands = new ArrayList<>(List.of(ShapeOps.permute(x, order)));
    operands.addAll(indices);
    operands.add(updates);
    Scatter scatter = new Scatter(0, axes.size(), Bounds.DROP, mode);
    Tensor written = Trace.bind(scatter, operands.toArray(Tensor[]::new));
    return ShapeOps.permute(written, IndexingOps.inverse(order));
  }

  private static Tensor masked(String op, Scatter.Mode mode, Tensor x, Tensor mask, Tensor values) {
    boolean fits = mask.rank() <= x.rank();
    long[] extents = ShapeOps.ones(x.rank());
    for (int axis = 0; fits && axis < mask.rank(); axis++) {
      extents[axis] = mask.shape().extent(axis);
      fits = extents[axis] == x.shape().extent(axis);
    }
    if (!fits) {
      throw new ShapeException(
          "%s: the mask must have the first axes of %s, got %s"
              .formatted(op, x.type(), mask.type()));
    }
    if (!Broadcasting.shape(op, x, values).equals(x.shape())) {
      throw new ShapeException(
          "%s: values %s do not broadcast to %s".formatted(op, values.type(), x.type()));
    }
    Tensor known = inDType(op, x, values);
    return Trace.staged(() -> {
      Tensor changed = combine(mode, x, ElementwiseOps.convert(known, x.dtype()));
      return Tensor.where(mask.reshape(extents), changed, x);
    });
  }

  private static Tensor combine(Scatter.Mode mode, Tensor x, Tensor values) {
    return switch (mode) {
      case SET -> Broadcasting.to(values, x.shape());
      case ADD -> x.add(values);
      case MUL -> x.mul(values);
      case MIN -> x.minimum(values);
      case MAX -> x.maximum(values);
    };
  }

  /**
   * Returns values that can be written into x.
   *
   * @throws DTypeException if x's dtype cannot hold them
   */
  static Tensor inDType(String op, Tensor x, Tensor values) {
    if (DType.promote(x.dtype(), values.dtype()) != x.dtype()) {
      throw new DTypeException(
          "%s: values %s do not fit in %s. Cast one: values.cast(DType.%s)"
              .formatted(op, values.type(), x.type(), x.dtype().name()));
    }
    return values;
  }

  static Tensor scatterAdd(Tensor x, Tensor indices, Tensor updates) {
    Index[] index = {Index.of(indices)};
    IndexBounds.requireIntegers("scatterAdd", indices);
    return update("scatterAdd", Scatter.Mode.ADD, x, index, updates);
  }

  /** Combines the entries with one id, from {@code identity} on. */
  static Tensor segments(
      String op,
      Scatter.Mode mode,
      Number identity,
      DType dtype,
      Tensor x,
      Tensor ids,
      long count) {
    boolean fits = ids.rank() <= x.rank() && count >= 0;
    for (int axis = 0; fits && axis < ids.rank(); axis++) {
      fits = ids.shape().extent(axis) == x.shape().extent(axis);
    }
    if (!fits) {
      throw new ShapeException(
          "%s: expected one id for each entry along the first axes of %s, and n >= 0; got %s and %d"
              .formatted(op, x.type(), ids.type(), count));
    }
    IndexBounds.requireIntegers(op, ids);
    Shape window = x.shape();
    for (int axis = 0; axis < ids.rank(); axis++) {
      window = window.remove(0);
    }
    TensorType type = new TensorType(dtype, window.insert(0, count));
    return Trace.staged(() -> {
      Tensor start = Trace.bind(new Full(type, identity));
      Tensor entries = ElementwiseOps.convert(x, dtype);
      return Trace.bind(new Scatter(0, 1, Bounds.DROP, mode), start, ids, entries);
    });
  }

  static Tensor segmentSum(Tensor x, Tensor ids, long count) {
    return segments("segmentSum", Scatter.Mode.ADD, 0, whole(x.dtype()), x, ids, count);
  }

  static Tensor segmentProd(Tensor x, Tensor ids, long count) {
    return segments("segmentProd", Scatter.Mode.MUL, 1, whole(x.dtype()), x, ids, count);
  }

  static Tensor segmentMax(Tensor x, Tensor ids, long count) {
    Number identity = lowest(x.dtype());
    return segments("segmentMax", Scatter.Mode.MAX, identity, x.dtype(), x, ids, count);
  }

  static Tensor segmentMin(Tensor x, Tensor ids, long count) {
    Number identity = highest(x.dtype());
    return segments("segmentMin", Scatter.Mode.MIN, identity, x.dtype(), x, ids, count);
  }

  /** Sums and products of bools are i64. */
  private static DType whole(DType dtype) {
    return dtype == DType.BOOL ? DType.I64 : dtype;
  }

  private static Number lowest(DType dtype) {
    return switch (dtype) {
      case BOOL -> 0L;
      case I32 -> (long) Integer.MIN_VALUE;
      case I64 -> Long.MIN_VALUE;
      case F32, F64, BF16 -> Double.NEGATIVE_INFINITY;
    };
  }

  private static Number highest(DType dtype) {
    return switch (dtype) {
      case BOOL -> 1L;
      case I32 -> (long) Integer.MAX_VALUE;
      case I64 -> Long.MAX_VALUE;
      case F32, F64, BF16 -> Double.POSITIVE_INFINITY;
    };
  }
}
