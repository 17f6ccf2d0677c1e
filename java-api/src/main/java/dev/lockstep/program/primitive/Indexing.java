package dev.lockstep.program.primitive;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Ops that read or write elements at computed places. A tensor's axes are in three groups: {@code
 * batch} leading ones that it shares with the indices, {@code indexed} ones that an index tensor
 * each selects from, and the rest, the window, which is taken whole.
 */
public sealed interface Indexing extends Primitive {
  /** What an index outside of its axis does. */
  enum Bounds {
    /** It counts as the nearest index inside. */
    CLAMP,
    /** Reading gives 0, writing does nothing. */
    DROP,
    /** Reading gives NaN, or 0 of integers and bool; writing does nothing. */
    NAN
  }

  /** Returns how many leading axes tensor and indices share. */
  int batch();

  /** Returns how many axes after the batch are indexed. */
  int indexed();

  Bounds bounds();

  @Override
  default String name() {
    return Names.of(getClass());
  }

  /** Returns the shape that all indices have: batch, then index axes. */
  default Shape indexShape(List<TensorType> operands) {
    Shape shape = operands.get(1).shape();
    for (TensorType index : operands.subList(1, 1 + indexed())) {
      if (!index.dtype().isInteger() || !index.shape().equals(shape)) {
        throw new DTypeException(
            "%s: indices must be integers of one shape, got %s"
                .formatted(name(), operands.subList(1, 1 + indexed())));
      }
    }
    for (int axis = 0; axis < batch(); axis++) {
      if (shape.extent(axis) != operands.getFirst().shape().extent(axis)) {
        throw new ShapeException(
            "%s: the first %d axes of %s and of the indices %s must agree"
                .formatted(name(), batch(), operands.getFirst(), shape));
      }
    }
    return shape;
  }

  /** Returns the shape of what is read or written: batch, index axes, window. */
  default Shape windowsShape(List<TensorType> operands) {
    Shape windows = indexShape(operands);
    Shape x = operands.getFirst().shape();
    for (int axis = batch() + indexed(); axis < x.rank(); axis++) {
      windows = windows.insert(windows.rank(), x.extent(axis));
    }
    return windows;
  }

  /**
   * Reads elements: {@code y[b, i, w] = x[b, index1[b, i], …, indexK[b, i], w]}. Operands: x, then
   * {@code indexed} index tensors.
   */
  record Gather(int batch, int indexed, Bounds bounds) implements Indexing, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      return List.of(operands.getFirst().with(windowsShape(operands)));
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      if (tangents.getFirst() == null) {
        return Rules.one(null);
      }
      return Rules.one(linear().read(tangents.getFirst(), operands.subList(1, 1 + indexed)));
    }

    /** Adds each cotangent to where its element was read. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      List<Tensor> inputs = new ArrayList<>();
      inputs.add(Rules.full(operands.getFirst().type(), 0));
      operands.subList(1, 1 + indexed).forEach(index -> inputs.add(Rules.known(index)));
      inputs.add(cotangents.getFirst());
      List<Tensor> result = new ArrayList<>();
      result.add(
          Trace.bind(
              new Scatter(batch, indexed, linearBounds(), Scatter.Mode.ADD),
              inputs.toArray(Tensor[]::new)));
      operands.subList(1, operands.size()).forEach(_ -> result.add(null));
      return result;
    }

    /** Where any cotangent that was added may differ from zero. */
    @Override
    public List<Tensor> support(List<Tensor> supports, List<Operand> operands) {
      List<Tensor> result = new ArrayList<>(Collections.nCopies(operands.size(), null));
      if (supports.getFirst() != null) {
        Tensor nowhere = Rules.full(operands.getFirst().type().with(DType.I32), 0);
        List<Tensor> indices = operands.subList(1, 1 + indexed).stream().map(Rules::known).toList();
        Scatter largest = new Scatter(batch, indexed, linearBounds(), Scatter.Mode.MAX);
        Tensor added = largest.write(nowhere, indices, supports.getFirst().cast(DType.I32));
        result.set(0, added.cast(DType.BOOL));
      }
      return result;
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      Tensor x = operands.getFirst();
      List<Tensor> indices = operands.subList(1, operands.size());
      if (!IndexingBatch.anyIndexMapped(mapped, indexed)) {
        Tensor moved = x.moveAxis(0, batch + indexed);
        int indexAxes = indices.getFirst().rank() - batch;
        return Batched.of(read(moved, indices).moveAxis(batch + indexAxes, 0));
      }
      List<Tensor> all = IndexingBatch.repeatUnmapped(size, indices, mapped, 1);
      if (mapped[0]) {
        return Batched.of(new Gather(batch + 1, indexed, bounds).read(x, all));
      }
      if (batch == 0) {
        return Batched.of(read(x, all));
      }
      List<Tensor> moved = all.stream().map(index -> index.moveAxis(0, batch)).toList();
      return Batched.of(read(x, moved).moveAxis(batch, 0));
    }

    private Gather linear() {
      return new Gather(batch, indexed, linearBounds());
    }

    private Bounds linearBounds() {
      return bounds == Bounds.NAN ? Bounds.DROP : bounds;
    }

    private Tensor read(Tensor x, List<Tensor> indices) {
      List<Tensor> inputs = new ArrayList<>(List.of(x));
      inputs.addAll(indices);
      return Trace.bind(this, inputs.toArray(Tensor[]::new));
    }
  }

  /**
   * Writes elements: {@code y = x}, then for each {@code (b, i, w)} in row-major order {@code y[b,
   * index1[b, i], …, w]} becomes that combined with {@code u[b, i, w]}, so equal indices have a
   * defined result. Operands: x, then {@code indexed} index tensors, then the updates u.
   */
  record Scatter(int batch, int indexed, Bounds bounds, Mode mode) implements Indexing, Linear {
    /** How an update combines with what is there. */
    public enum Mode {
      /** The update replaces; of equal indices the last one wins. */
      SET,
      ADD,
      MUL,
      MIN,
      MAX
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType x = operands.getFirst();
      TensorType updates = operands.getLast();
      Shape windows = windowsShape(operands);
      if (!updates.equals(x.with(windows))) {
        throw new ShapeException(
            "scatter: the updates must be %s, got %s".formatted(x.with(windows), updates));
      }
      return List.of(x);
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      Tensor x = operands.getFirst();
      Tensor u = operands.getLast();
      Tensor dx = tangents.getFirst() != null ? tangents.getFirst() : Rules.like(x, 0);
      Tensor du = tangents.getLast() != null ? tangents.getLast() : Rules.like(u, 0);
      List<Tensor> indices = operands.subList(1, 1 + indexed);
      return Rules.one(
          switch (mode) {
            case SET, ADD -> write(dx, indices, du);
            case MUL -> ScatterRules.productTangent(this, operands, dx, du);
            case MIN, MAX -> ScatterRules.chosenTangent(this, operands, dx, du, results.getFirst());
          });
    }

    /** Defined for SET and ADD, which are linear in x and u; the jvp of the others uses these. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Tensor ct = cotangents.getFirst();
      List<Tensor> indices = operands.subList(1, 1 + indexed).stream().map(Rules::known).toList();
      List<Tensor> result = new ArrayList<>();
      result.add(
          operands.getFirst() instanceof Operand.Known
              ? null
              : ScatterRules.kept(this, ct, indices));
      indices.forEach(_ -> result.add(null));
      result.add(
          operands.getLast() instanceof Operand.Known
              ? null
              : ScatterRules.written(this, ct, indices));
      return result;
    }

    /** SET selects: what it overwrites has no cotangent. */
    @Override
    public List<Tensor> support(List<Tensor> supports, List<Operand> operands) {
      Tensor support = supports.getFirst();
      List<Tensor> result = new ArrayList<>(Collections.nCopies(operands.size(), null));
      if (support != null || mode == Mode.SET) {
        Tensor all = Rules.full(operands.getFirst().type().with(DType.BOOL), 1);
        Tensor within = support == null ? all : support;
        List<Tensor> indices = operands.subList(1, 1 + indexed).stream().map(Rules::known).toList();
        result.set(0, ScatterRules.kept(this, within, indices));
        result.set(1 + indexed, ScatterRules.written(this, within, indices));
      }
      return result;
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      int last = operands.size() - 1;
      Tensor x = mapped[0] ? operands.getFirst() : Rules.repeat(operands.getFirst(), size);
      Tensor u = mapped[last] ? operands.getLast() : Rules.repeat(operands.getLast(), size);
      List<Tensor> indices = operands.subList(1, last);
      if (!IndexingBatch.anyIndexMapped(mapped, indexed)) {
        int indexAxes = indices.getFirst().rank() - batch;
        Tensor written =
            write(x.moveAxis(0, batch + indexed), indices, u.moveAxis(0, batch + indexAxes));
        return Batched.of(written.moveAxis(batch + indexed, 0));
      }
      Scatter batched = new Scatter(batch + 1, indexed, bounds, mode);
      return Batched.of(
          batched.write(x, IndexingBatch.repeatUnmapped(size, indices, mapped, 1), u));
    }

    /** Applies this op. */
    Tensor write(Tensor x, List<Tensor> indices, Tensor updates) {
      List<Tensor> inputs = new ArrayList<>(List.of(x));
      inputs.addAll(indices);
      inputs.add(updates);
      return Trace.bind(this, inputs.toArray(Tensor[]::new));
    }

    /** Returns the same op with another mode. */
    Scatter with(Mode other) {
      return new Scatter(batch, indexed, bounds, other);
    }

    /** Returns the op that reads what this one writes. */
    Tensor read(Tensor x, List<Tensor> indices) {
      return new Gather(batch, indexed, bounds).read(x, indices);
    }
  }
}
