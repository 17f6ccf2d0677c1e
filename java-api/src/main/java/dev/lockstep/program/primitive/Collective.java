package dev.lockstep.program.primitive;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/**
 * Ops that combine the examples of the batch whose axis has a name. The vmap that gives the name
 * puts other equations in their place, so no backend runs them; other vmaps map them as other ops.
 *
 * <p>Derivatives are those of one function of all examples together: the cotangent that an example
 * gets is the sum over the results of all examples.
 */
public sealed interface Collective extends Primitive {
  /** Returns the name of the axis. */
  String axis();

  /** Returns the number of examples along the axis. */
  long size();

  /**
   * Returns what the op is to the whole batch.
   *
   * @param operands with the batch as axis 0 where {@code mapped}
   */
  Batched resolve(List<Tensor> operands, boolean[] mapped);

  @Override
  default String name() {
    return Names.of(getClass());
  }

  /** Maps the op over a batch of another name. */
  @Override
  default Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
    return Batched.of(Trace.bind(this, operands.getFirst()));
  }

  /** Returns the error of an op that is to run though no vmap gives its name. */
  default AxisException unresolved() {
    return new AxisException(
        "%s: no vmap around it names its axis \"%s\"; name it: vmap(f, in(0).named(\"%s\"))"
            .formatted(name(), axis(), axis()));
  }

  /** The sum over the examples. */
  record Psum(String axis, long size) implements Collective, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      if (!Domain.ARITHMETIC.contains(operands.getFirst().dtype())) {
        throw new DTypeException("psum: expected numbers, got " + operands.getFirst());
      }
      return operands;
    }

    @Override
    public Batched resolve(List<Tensor> operands, boolean[] mapped) {
      return CollectiveRules.same(CollectiveRules.sum(operands.getFirst(), mapped[0], size));
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(Trace.bind(this, tangents.getFirst()));
    }

    /** Every example's result depends on every example, so the cotangents are summed too. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Rules.one(Trace.bind(this, cotangents.getFirst()));
    }
  }

  /** The largest of the examples, element by element. */
  record Pmax(String axis, long size) implements Collective {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      return operands;
    }

    @Override
    public Batched resolve(List<Tensor> operands, boolean[] mapped) {
      return CollectiveRules.reduce(new Reduction.Max(List.of(0)), operands, mapped);
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return CollectiveRules.chosenTangent(this, operands, tangents, results);
    }
  }

  /** The smallest of the examples, element by element. */
  record Pmin(String axis, long size) implements Collective {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      return operands;
    }

    @Override
    public Batched resolve(List<Tensor> operands, boolean[] mapped) {
      return CollectiveRules.reduce(new Reduction.Min(List.of(0)), operands, mapped);
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return CollectiveRules.chosenTangent(this, operands, tangents, results);
    }
  }

  /** All examples, stacked along a new axis 0. */
  record AllGather(String axis, long size) implements Collective, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      return List.of(operand.with(operand.shape().insert(0, size)));
    }

    @Override
    public Batched resolve(List<Tensor> operands, boolean[] mapped) {
      Tensor x = operands.getFirst();
      return CollectiveRules.same(mapped[0] ? x : Rules.repeat(x, size));
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(Trace.bind(this, tangents.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Rules.one(Trace.bind(new PsumScatter(axis, size), cotangents.getFirst()));
    }

    @Override
    public Batched batch(long examples, List<Tensor> operands, boolean[] mapped) {
      return Batched.of(Trace.bind(this, operands.getFirst()).moveAxis(0, 1));
    }
  }

  /** The sum over the examples, of which example i gets element i along axis 0. */
  record PsumScatter(String axis, long size) implements Collective, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      if (!Domain.ARITHMETIC.contains(operand.dtype())) {
        throw new DTypeException("psum_scatter: expected numbers, got " + operand);
      }
      if (operand.shape().rank() == 0 || operand.shape().extent(0) != size) {
        throw new ShapeException(
            ("psum_scatter: axis 0 must have an element for each of the %d examples of \"%s\","
                    + " got %s")
                .formatted(size, axis, operand));
      }
      return List.of(operand.with(operand.shape().remove(0)));
    }

    @Override
    public Batched resolve(List<Tensor> operands, boolean[] mapped) {
      return Batched.of(CollectiveRules.sum(operands.getFirst(), mapped[0], size));
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(Trace.bind(this, tangents.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Rules.one(Trace.bind(new AllGather(axis, size), cotangents.getFirst()));
    }

    @Override
    public Batched batch(long examples, List<Tensor> operands, boolean[] mapped) {
      return Batched.of(Trace.bind(this, operands.getFirst().moveAxis(0, 1)));
    }
  }

  /** The number of the example, {@code i32[]}. */
  record AxisIndex(String axis, long size) implements Collective {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      return List.of(TensorType.of(DType.I32));
    }

    @Override
    public Batched resolve(List<Tensor> operands, boolean[] mapped) {
      return Batched.of(Trace.bind(new Structural.Iota(TensorType.of(DType.I32, size), 0)));
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(null);
    }
  }
}
