package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.error.AxisException;
import dev.lockstep.error.DTypeException;
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

/** Ops that combine all elements along some axes into one; the result has not got these axes. */
public sealed interface Reduction extends Primitive {
  /** Returns the reduction's number in the native core ({@code LS_REDUCE_SUM}). */
  int code();

  /** Returns the axes that disappear, ascending, counted from 0. */
  List<Integer> axes();

  /** Returns the same reduction over other axes. */
  Reduction over(List<Integer> axes);

  /** Returns the dtypes that the reduction takes. */
  Domain domain();

  /** Returns the result for no floating element. */
  double identity();

  /** Returns the result for no integer or bool of this dtype. */
  long identity(DType dtype);

  /** Returns the combination of two floating elements. */
  double reference(double x, double y);

  /** Returns the combination of two integers or bools before it wraps. */
  long reference(long x, long y);

  @Override
  default String name() {
    return Names.of(getClass());
  }

  @Override
  default List<TensorType> infer(List<TensorType> operands) {
    TensorType operand = operands.getFirst();
    if (!domain().contains(operand.dtype())) {
      throw new DTypeException(name() + ": " + operand + " is of a dtype that it does not take");
    }
    Shape shape = operand.shape();
    int previous = shape.rank();
    for (int axis : axes().reversed()) {
      if (axis < 0 || axis >= previous) {
        throw new AxisException(
            "%s: axes must ascend and lie within %s, got %s".formatted(name(), operand, axes()));
      }
      shape = shape.remove(axis);
      previous = axis;
    }
    return List.of(operand.with(shape));
  }

  @Override
  default Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
    List<Integer> shifted = axes().stream().map(axis -> axis + 1).toList();
    return Batched.of(Trace.bind(over(shifted), operands.getFirst()));
  }

  /** The sum; 0 for no element. */
  record Sum(List<Integer> axes) implements Reduction, Linear {
    @Override
    public int code() {
      return lockstep_h.LS_REDUCE_SUM();
    }

    @Override
    public Reduction over(List<Integer> axes) {
      return new Sum(axes);
    }

    @Override
    public Domain domain() {
      return Domain.ARITHMETIC;
    }

    @Override
    public double identity() {
      return 0;
    }

    @Override
    public long identity(DType dtype) {
      return 0;
    }

    @Override
    public double reference(double x, double y) {
      return x + y;
    }

    @Override
    public long reference(long x, long y) {
      return x + y;
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(Trace.bind(this, tangents.getFirst()));
    }

    /** Repeats the cotangent along the summed axes. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Shape shape = operands.getFirst().type().shape();
      return Rules.one(Reductions.repeat(cotangents.getFirst(), shape, axes));
    }

    @Override
    public List<Tensor> support(List<Tensor> supports, List<Operand> operands) {
      return supports.getFirst() == null ? Rules.one(null) : transpose(supports, operands);
    }
  }

  /** The product; 1 for no element. Its derivative is right where elements are 0. */
  record Prod(List<Integer> axes) implements Reduction {
    @Override
    public int code() {
      return lockstep_h.LS_REDUCE_PROD();
    }

    @Override
    public Reduction over(List<Integer> axes) {
      return new Prod(axes);
    }

    @Override
    public Domain domain() {
      return Domain.ARITHMETIC;
    }

    @Override
    public double identity() {
      return 1;
    }

    @Override
    public long identity(DType dtype) {
      return 1;
    }

    @Override
    public double reference(double x, double y) {
      return x * y;
    }

    @Override
    public long reference(long x, long y) {
      return x * y;
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(Reductions.productTangent(operands.getFirst(), tangents.getFirst(), axes));
    }
  }

  /**
   * The largest element; NaN if one is; the lowest value for no element. Of bools whether any is.
   */
  record Max(List<Integer> axes) implements Reduction {
    @Override
    public int code() {
      return lockstep_h.LS_REDUCE_MAX();
    }

    @Override
    public Reduction over(List<Integer> axes) {
      return new Max(axes);
    }

    @Override
    public Domain domain() {
      return Domain.ANY;
    }

    @Override
    public double identity() {
      return Double.NEGATIVE_INFINITY;
    }

    @Override
    public long identity(DType dtype) {
      return Reductions.lowest(dtype);
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
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(
          Reductions.chosenTangent(
              operands.getFirst(), tangents.getFirst(), results.getFirst(), axes));
    }
  }

  /**
   * The smallest element; NaN if one is; the highest value for no element. Of bools whether all
   * are.
   */
  record Min(List<Integer> axes) implements Reduction {
    @Override
    public int code() {
      return lockstep_h.LS_REDUCE_MIN();
    }

    @Override
    public Reduction over(List<Integer> axes) {
      return new Min(axes);
    }

    @Override
    public Domain domain() {
      return Domain.ANY;
    }

    @Override
    public double identity() {
      return Double.POSITIVE_INFINITY;
    }

    @Override
    public long identity(DType dtype) {
      return Reductions.highest(dtype);
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
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(
          Reductions.chosenTangent(
              operands.getFirst(), tangents.getFirst(), results.getFirst(), axes));
    }
  }
}
