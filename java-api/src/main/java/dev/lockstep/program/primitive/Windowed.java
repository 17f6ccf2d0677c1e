package dev.lockstep.program.primitive;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/** Ops on windows that slide along axes. */
public sealed interface Windowed extends Primitive {
  /** Returns where the windows are. */
  Windowing windowing();

  @Override
  default String name() {
    return Names.of(getClass());
  }

  /** Returns the operand's type with its windows in place of elements. */
  private static TensorType windows(Windowed op, TensorType operand) {
    op.windowing().require(op.name(), operand);
    return operand.with(op.windowing().positions(operand.shape()));
  }

  private static void requireWindows(Windowed op, TensorType windows, TensorType operand) {
    if (!windows.equals(windows(op, operand))) {
      throw new ShapeException(
          "%s: %s are not the windows %s of %s"
              .formatted(op.name(), windows, op.windowing(), operand));
    }
  }

  private static void requireFloating(Windowed op, TensorType operand) {
    if (!operand.dtype().isFloating()) {
      throw new DTypeException(op.name() + ": expected floating numbers, got " + operand);
    }
  }

  /** Takes one element of each window, the first of several equal ones. */
  sealed interface Extreme extends Windowed {
    /** Returns whether it is the smallest element, not the largest. */
    boolean least();

    /** Returns this op for other windows. */
    Extreme with(Windowing other);

    @Override
    default List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      TensorType windows = windows(this, operand);
      if (!Domain.ARITHMETIC.contains(operand.dtype())) {
        throw new DTypeException(name() + ": expected numbers, got " + operand);
      }
      return List.of(windows);
    }

    @Override
    default List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      WindowTake take = new WindowTake(windowing(), least());
      return Rules.one(Trace.bind(take, operands.getFirst(), tangents.getFirst()));
    }

    @Override
    default Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return Batched.of(Trace.bind(with(windowing().batched()), operands.getFirst()));
    }
  }

  /** The largest element of each window; NaN if one is NaN, the lowest value of padding alone. */
  record WindowMax(Windowing windowing) implements Extreme {
    @Override
    public boolean least() {
      return false;
    }

    @Override
    public WindowMax with(Windowing other) {
      return new WindowMax(other);
    }
  }

  /** The smallest element of each window; NaN if one is NaN, the highest value of padding alone. */
  record WindowMin(Windowing windowing) implements Extreme {
    @Override
    public boolean least() {
      return true;
    }

    @Override
    public WindowMin with(Windowing other) {
      return new WindowMin(other);
    }
  }

  /**
   * The element of the second operand where the first has the extreme one of each window; 0 in
   * windows of padding alone. The first of equal elements counts, and the first NaN of several.
   */
  record WindowTake(Windowing windowing, boolean least) implements Windowed, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      requireFloating(this, operands.getFirst());
      if (!operands.get(0).equals(operands.get(1))) {
        throw new ShapeException(name() + ": operands must have one type, got " + operands);
      }
      return List.of(windows(this, operands.getFirst()));
    }

    /** Places stay where they are. */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor dt = tangents.get(1);
      return Rules.one(dt == null ? null : Trace.bind(this, operands.getFirst(), dt));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Tensor x = Rules.known(operands.getFirst());
      Tensor ct = Trace.bind(new WindowPut(windowing, least), x, cotangents.getFirst());
      return Arrays.asList(null, ct);
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      WindowTake batched = new WindowTake(windowing.batched(), least);
      return batchBoth(batched, size, operands, mapped);
    }
  }

  /**
   * Adds each window's element of the second operand up where the first has the window's extreme
   * one: the transpose of {@link WindowTake}.
   */
  record WindowPut(Windowing windowing, boolean least) implements Windowed, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      requireFloating(this, operands.getFirst());
      requireWindows(this, operands.get(1), operands.get(0));
      return List.of(operands.getFirst());
    }

    /** Places stay where they are. */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor dy = tangents.get(1);
      return Rules.one(dy == null ? null : Trace.bind(this, operands.getFirst(), dy));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Tensor x = Rules.known(operands.getFirst());
      Tensor ct = Trace.bind(new WindowTake(windowing, least), x, cotangents.getFirst());
      return Arrays.asList(null, ct);
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      WindowPut batched = new WindowPut(windowing.batched(), least);
      return batchBoth(batched, size, operands, mapped);
    }
  }

  private static Batched batchBoth(
      Windowed batched, long size, List<Tensor> operands, boolean[] mapped) {
    Tensor[] all = new Tensor[operands.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = mapped[i] ? operands.get(i) : Rules.repeat(operands.get(i), size);
    }
    return Batched.of(Trace.bind(batched, all));
  }

  /**
   * The mean of each window.
   *
   * @param countPadding whether padding counts, as zeros; without it windows of padding alone give
   *     NaN
   */
  record WindowMean(Windowing windowing, boolean countPadding) implements Windowed, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      requireFloating(this, operands.getFirst());
      return List.of(windows(this, operands.getFirst()));
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(Trace.bind(this, tangents.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Shape shape = operands.getFirst().type().shape();
      WindowSpread spread = new WindowSpread(windowing, countPadding, shape);
      return Rules.one(Trace.bind(spread, cotangents.getFirst()));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      WindowMean batched = new WindowMean(windowing.batched(), countPadding);
      return Batched.of(Trace.bind(batched, operands.getFirst()));
    }
  }

  /**
   * Gives each element its share of the windows that hold it: the transpose of {@link WindowMean}.
   *
   * @param shape the result's
   */
  record WindowSpread(Windowing windowing, boolean countPadding, Shape shape)
      implements Windowed, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType result = operands.getFirst().with(shape);
      requireFloating(this, result);
      requireWindows(this, operands.getFirst(), result);
      return List.of(result);
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(Trace.bind(this, tangents.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      WindowMean mean = new WindowMean(windowing, countPadding);
      return Rules.one(Trace.bind(mean, cotangents.getFirst()));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      WindowSpread batched =
          new WindowSpread(windowing.batched(), countPadding, shape.insert(0, size));
      return Batched.of(Trace.bind(batched, operands.getFirst()));
    }
  }
}
