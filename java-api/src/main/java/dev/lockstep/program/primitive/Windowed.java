package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Ops on windows that slide along axes. */
public sealed interface Windowed extends Primitive {
  /** Returns where the windows are. */
  Windowing windowing();

  @Override
  default String name() {
    return Names.of(getClass());
  }

  /** Repeats each element in every window that holds it; the elements of a window are last axes. */
  record Windows(Windowing windowing) implements Windowed, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      windowing.require(name(), operand);
      return List.of(operand.with(windowing.windows(operand.shape())));
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(Trace.bind(this, tangents.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Shape shape = operands.getFirst().type().shape();
      return Rules.one(Trace.bind(new Fold(windowing, shape), cotangents.getFirst()));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return Batched.of(Trace.bind(new Windows(windowing.batched()), operands.getFirst()));
    }
  }

  /**
   * Adds up, for each element, what the windows that hold it have for it: the transpose of {@link
   * Windows}.
   *
   * @param shape the result's
   */
  record Fold(Windowing windowing, Shape shape) implements Windowed, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      TensorType result = operand.with(shape);
      windowing.require(name(), result);
      if (!windowing.windows(shape).equals(operand.shape())) {
        throw new ShapeException(
            "fold: %s are not the windows %s of %s".formatted(operand, windowing, shape));
      }
      return List.of(result);
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(Trace.bind(this, tangents.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Rules.one(Trace.bind(new Windows(windowing), cotangents.getFirst()));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      Fold batched = new Fold(windowing.batched(), shape.insert(0, size));
      return Batched.of(Trace.bind(batched, operands.getFirst()));
    }
  }

  /** Takes one element of each window, the first of several equal ones. */
  sealed interface Extreme extends Windowed {
    /** Returns the op's number in the native core's loops ({@code LS_OP_MAX}). */
    int opcode();

    /** Returns the number of its reduction in the native core ({@code LS_REDUCE_MAX}). */
    int reduceCode();

    /** Returns the better one of two floating elements; NaN if either is. */
    double reference(double x, double y);

    /** Returns the better one of two integers. */
    long reference(long x, long y);

    /** Returns this op for other windows. */
    Extreme with(Windowing other);

    @Override
    default List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      windowing().require(name(), operand);
      if (!Domain.ARITHMETIC.contains(operand.dtype())) {
        throw new DTypeException(name() + ": expected numbers, got " + operand);
      }
      return List.of(operand.with(windowing().positions(operand.shape())));
    }

    /** Sums over each window the tangents, of which only the taken element's is kept. */
    @Override
    default List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor x = operands.getFirst();
      List<Integer> within = windowing().windowAxes(x.rank());
      Tensor elements = Trace.bind(new Windows(windowing()), x);
      Tensor extremes = acrossWindow(results.getFirst(), elements.shape());
      Tensor places = places(elements.shape(), within);
      Tensor taken = elements.equal(extremes).or(elements.isNan());
      Tensor beyond = Rules.full(places.type(), Integer.MAX_VALUE);
      Tensor first = Trace.bind(new Reduction.Min(within), Tensor.where(taken, places, beyond));
      Tensor isFirst = places.equal(acrossWindow(first, elements.shape()));
      Tensor dx = Trace.bind(new Windows(windowing()), tangents.getFirst());
      Tensor kept = Tensor.where(isFirst, dx, Rules.like(dx, 0));
      return Rules.one(Trace.bind(new Reduction.Sum(within), kept));
    }

    @Override
    default Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return Batched.of(Trace.bind(with(windowing().batched()), operands.getFirst()));
    }

    private static Tensor acrossWindow(Tensor x, Shape windows) {
      return Trace.bind(new Structural.BroadcastInDim(windows, Rules.range(0, x.rank())), x);
    }

    /** Returns the elements' numbers in their window, in row-major order. */
    private static Tensor places(Shape windows, List<Integer> within) {
      TensorType type = new TensorType(DType.I32, windows);
      Tensor places = Rules.full(type, 0);
      for (int axis : within) {
        places = places.mul(Rules.full(type, windows.extent(axis)));
        places = places.add(Trace.bind(new Structural.Iota(type, axis)));
      }
      return places;
    }
  }

  /** The largest element of each window; NaN if one is NaN. */
  record WindowMax(Windowing windowing) implements Extreme {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_MAX();
    }

    @Override
    public int reduceCode() {
      return lockstep_h.LS_REDUCE_MAX();
    }

    @Override
    public double reference(double x, double y) {
      return Math.max(x, y);
    }

    @Override
    public long reference(long x, long y) {
      return Math.max(x, y);
    }

    @Override
    public WindowMax with(Windowing other) {
      return new WindowMax(other);
    }
  }

  /** The smallest element of each window; NaN if one is NaN. */
  record WindowMin(Windowing windowing) implements Extreme {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_MIN();
    }

    @Override
    public int reduceCode() {
      return lockstep_h.LS_REDUCE_MIN();
    }

    @Override
    public double reference(double x, double y) {
      return Math.min(x, y);
    }

    @Override
    public long reference(long x, long y) {
      return Math.min(x, y);
    }

    @Override
    public WindowMin with(Windowing other) {
      return new WindowMin(other);
    }
  }
}
