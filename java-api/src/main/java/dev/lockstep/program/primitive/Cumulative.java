package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.error.DTypeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/**
 * Ops that combine, along the last axis, each element with all before it: {@code y[…, i] = x[…, 0]
 * ∘ … ∘ x[…, i]}, or with all after it if {@code reverse}.
 */
public sealed interface Cumulative extends Primitive {
  /** Returns whether it runs from the end. */
  boolean reverse();

  /** Returns the op's number in the native core ({@code LS_CUMULATE_SUM}). */
  int code();

  /** Returns the dtypes that it takes. */
  Domain domain();

  /** Returns the combination of two floating elements. */
  double reference(double x, double y);

  /** Returns the combination of two integers before it wraps. */
  long reference(long x, long y);

  @Override
  default String name() {
    return Names.of(getClass());
  }

  @Override
  default List<TensorType> infer(List<TensorType> operands) {
    TensorType operand = operands.getFirst();
    if (operand.shape().rank() == 0 || !domain().contains(operand.dtype())) {
      throw new DTypeException(name() + ": " + operand + " has no last axis or a wrong dtype");
    }
    return List.of(operand);
  }

  @Override
  default Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
    return Batched.of(Trace.bind(this, operands.getFirst()));
  }

  /** The running sum. */
  record CumSum(boolean reverse) implements Cumulative, Linear {
    @Override
    public int code() {
      return lockstep_h.LS_CUMULATE_SUM();
    }

    @Override
    public Domain domain() {
      return Domain.ARITHMETIC;
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

    /** Sums from the other end. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return Rules.one(Trace.bind(new CumSum(!reverse), cotangents.getFirst()));
    }
  }

  /** The running product. Its derivative is right where elements are 0. */
  record CumProd(boolean reverse) implements Cumulative {
    @Override
    public int code() {
      return lockstep_h.LS_CUMULATE_PROD();
    }

    @Override
    public Domain domain() {
      return Domain.ARITHMETIC;
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
      return Rules.one(
          Doubling.tangent(
              operands.getFirst(),
              tangents.getFirst(),
              reverse,
              1,
              (x, dx, before, dBefore) ->
                  new Doubling.Dual(x.mul(before), dx.mul(before).add(x.mul(dBefore)))));
    }
  }

  /** The largest element so far; NaN from the first NaN on. */
  record CumMax(boolean reverse) implements Cumulative {
    @Override
    public int code() {
      return lockstep_h.LS_CUMULATE_MAX();
    }

    @Override
    public Domain domain() {
      return Domain.ARITHMETIC;
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
          Doubling.tangent(
              operands.getFirst(),
              tangents.getFirst(),
              reverse,
              Double.NEGATIVE_INFINITY,
              (x, dx, before, dBefore) ->
                  Doubling.chosen(x.greater(before), x, dx, before, dBefore)));
    }
  }

  /** The smallest element so far; NaN from the first NaN on. */
  record CumMin(boolean reverse) implements Cumulative {
    @Override
    public int code() {
      return lockstep_h.LS_CUMULATE_MIN();
    }

    @Override
    public Domain domain() {
      return Domain.ARITHMETIC;
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
          Doubling.tangent(
              operands.getFirst(),
              tangents.getFirst(),
              reverse,
              Double.POSITIVE_INFINITY,
              (x, dx, before, dBefore) -> Doubling.chosen(x.less(before), x, dx, before, dBefore)));
    }
  }

  /** The logarithm of the running sum of exponentials, without overflow. */
  record CumLogSumExp(boolean reverse) implements Cumulative {
    @Override
    public int code() {
      return lockstep_h.LS_CUMULATE_LOG_SUM_EXP();
    }

    @Override
    public Domain domain() {
      return Domain.FLOATING;
    }

    @Override
    public double reference(double x, double y) {
      double larger = Math.max(x, y);
      return Double.isInfinite(larger)
          ? larger
          : larger + Math.log1p(Math.exp(Math.min(x, y) - larger));
    }

    @Override
    public long reference(long x, long y) {
      throw new IllegalStateException("cum_log_sum_exp: integers are not in its domain");
    }

    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      return Rules.one(
          Doubling.tangent(
              operands.getFirst(),
              tangents.getFirst(),
              reverse,
              Double.NEGATIVE_INFINITY,
              Doubling::logSum));
    }
  }
}
