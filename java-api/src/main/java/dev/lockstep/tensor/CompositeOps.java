package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.Full;
import java.util.List;

/**
 * Methods of {@link Tensor} that are composed of others, so that their derivatives and batching
 * follow. The forms are chosen so that neither values nor derivatives overflow on the way.
 */
final class CompositeOps {
  private CompositeOps() {}

  /** NaN stays NaN; the derivative at 0 is 0. */
  static Tensor relu(Tensor x) {
    return Trace.staged(() -> {
      Tensor number = x.dtype() == DType.BOOL ? ElementwiseOps.convert(x, DType.I64) : x;
      Tensor zero = like(number, 0);
      return Tensor.where(number.lessEqual(zero), zero, number);
    });
  }

  /** {@code x/2 erfc(-x/sqrt(2))}, which keeps its precision for negative x. */
  static Tensor gelu(Tensor x) {
    return ElementwiseOps.composed(
        x,
        real -> {
          Tensor tail = real.mul(like(real, -Math.sqrt(0.5))).erfc();
          return real.mul(like(real, 0.5)).mul(tail);
        });
  }

  static Tensor silu(Tensor x) {
    return ElementwiseOps.composed(
        x,
        real -> {
          return real.mul(real.sigmoid());
        });
  }

  static Tensor geluTanh(Tensor x) {
    return ElementwiseOps.composed(
        x,
        real -> {
          Tensor cubic = real.add(real.mul(real).mul(real).mul(like(real, 0.044715)));
          Tensor shape = cubic.mul(like(real, Math.sqrt(2 / Math.PI))).tanh();
          return real.mul(like(real, 0.5)).mul(shape.add(like(real, 1)));
        });
  }

  /** The exponential is taken of what is not positive, so that it does not overflow. */
  static Tensor elu(Tensor x, double alpha) {
    return ElementwiseOps.composed(
        x,
        real -> {
          Tensor positive = real.greater(like(real, 0));
          Tensor below = Tensor.where(positive, like(real, 0), real);
          return Tensor.where(positive, real, below.expm1().mul(alpha));
        });
  }

  static Tensor leakyRelu(Tensor x, double slope) {
    return ElementwiseOps.composed(
        x,
        real -> {
          return Tensor.where(real.greaterEqual(like(real, 0)), real, real.mul(slope));
        });
  }

  static Tensor nanToNum(Tensor x) {
    if (!x.dtype().isFloating()) {
      return ElementwiseOps.same(x);
    }
    double largest = x.dtype().largest();
    return Trace.staged(() -> {
      Tensor number = Tensor.where(x.isNan(), like(x, 0), x);
      Tensor sign = Tensor.where(x.greater(like(x, 0)), like(x, largest), like(x, -largest));
      return Tensor.where(number.isInf(), sign, number);
    });
  }

  static Tensor softplus(Tensor x) {
    return ElementwiseOps.composed(
        x,
        real -> {
          return logAddExp(real, like(real, 0));
        });
  }

  /**
   * {@code hi + log1p(exp(lo - hi))}. The larger is selected, not taken by maximum, so that all
   * derivatives are right where both are equal.
   */
  static Tensor logAddExp(Tensor x, Tensor y) {
    Shape shape = Broadcasting.shape("logAddExp", x, y);
    return Trace.staged(() -> {
      DType promoted = DType.promote(x.dtype(), y.dtype());
      DType dtype = promoted.isFloating() ? promoted : DType.F64;
      if (dtype == DType.BF16) {
        return logAddExp(x.cast(DType.F32), y.cast(DType.F32)).cast(dtype);
      }
      Tensor a = Broadcasting.to(ElementwiseOps.convert(x, dtype), shape);
      Tensor b = Broadcasting.to(ElementwiseOps.convert(y, dtype), shape);
      Tensor first = a.greaterEqual(b);
      Tensor high = Tensor.where(first, a, b);
      Tensor low = Tensor.where(first, b, a);
      Tensor infinite = high.isInf();
      Tensor zero = like(high, 0);
      Tensor difference = Tensor.where(infinite, zero, low.sub(high));
      return Tensor.where(infinite, high, high.add(difference.exp().log1p()));
    });
  }

  static Tensor clip(Tensor x, double low, double high) {
    return Trace.staged(() -> x.maximum(low).minimum(high));
  }

  static Tensor clip(Tensor x, long low, long high) {
    return clip(x, Scalars.beside("clip", x, low), Scalars.beside("clip", x, high));
  }

  static Tensor clip(Tensor x, Tensor low, Tensor high) {
    Broadcasting.shape("clip", x, low, high);
    return Trace.staged(() -> x.maximum(low).minimum(high));
  }

  /** The quotient towards 0, corrected where the signs differ and there is a remainder. */
  static Tensor floorDiv(Tensor x, Tensor y) {
    requireNumbers("floorDiv", x, y);
    Broadcasting.shape("floorDiv", x, y);
    return Trace.staged(() -> {
      Tensor remainder = x.rem(y);
      Tensor whole = x.sub(remainder);
      Tensor quotient =
          remainder.dtype().isFloating() ? whole.div(y) : ElementwiseOps.quotient(x, y);
      Tensor below = isBelow(remainder, y);
      Tensor floor = Tensor.where(below, quotient.sub(like(quotient, 1)), quotient);
      return floor.round();
    });
  }

  static Tensor floorMod(Tensor x, Tensor y) {
    requireNumbers("floorMod", x, y);
    Broadcasting.shape("floorMod", x, y);
    return Trace.staged(() -> {
      Tensor remainder = x.rem(y);
      return Tensor.where(isBelow(remainder, y), remainder.add(y), remainder);
    });
  }

  private static Tensor isBelow(Tensor remainder, Tensor y) {
    Tensor signsDiffer = remainder.less(like(remainder, 0)).xor(y.less(like(y, 0)));
    return signsDiffer.and(remainder.notEqual(like(remainder, 0)));
  }

  static Tensor var(Tensor x, boolean keep, int... axes) {
    List<Integer> list = ReductionOps.axes("var", x, axes);
    return ElementwiseOps.composed(
        x,
        real -> {
          Tensor centred = real.sub(ReductionOps.mean(real, true, list));
          return ReductionOps.mean(centred.square(), keep, list);
        });
  }

  static Tensor varDdof(String op, Tensor x, long ddof, boolean keep, int... axes) {
    List<Integer> list = ReductionOps.axes(op, x, axes);
    return ElementwiseOps.composed(
        x,
        real -> {
          Tensor squares = real.sub(ReductionOps.mean(real, true, list)).square();
          Tensor sum = ReductionOps.sum(squares, keep, axes);
          long divisor = ReductionOps.count(x, list) - ddof;
          Tensor quotient = sum.div(like(sum, divisor));
          return divisor > 0
              ? quotient
              : Tensor.where(Tensor.full(DType.BOOL, 0), quotient, like(sum, Double.NaN));
        });
  }

  static Tensor stdDdof(String op, Tensor x, long ddof, boolean keep, int... axes) {
    ReductionOps.axes(op, x, axes);
    return ElementwiseOps.composed(x, real -> varDdof(op, real, ddof, keep, axes).sqrt());
  }

  static Tensor std(Tensor x, boolean keep, int... axes) {
    ReductionOps.axes("std", x, axes);
    return ElementwiseOps.composed(x, real -> var(real, keep, axes).sqrt());
  }

  static Tensor norm(Tensor x, boolean keep, int... axes) {
    ReductionOps.axes("norm", x, axes);
    return ElementwiseOps.composed(x, real -> ReductionOps.sum(real.square(), keep, axes).sqrt());
  }

  /** Infinite maxima are not subtracted, so that all -inf gives -inf and not NaN. */
  static Tensor logSumExp(Tensor x, boolean keep, int... axes) {
    List<Integer> list = ReductionOps.axes("logSumExp", x, axes);
    return ElementwiseOps.composed(
        x,
        real -> {
          if (ReductionOps.count(x, list) == 0) {
            return ReductionOps.sum(real, keep, axes).log();
          }
          Tensor max = ReductionOps.max(real, true, axes);
          Tensor shift = Tensor.where(max.isFinite(), max, like(max, 0)).stopGradient();
          Tensor sum = ReductionOps.sum(real.sub(shift).exp(), true, axes);
          Tensor result = sum.log().add(shift);
          return keep ? result : result.reshape(ReductionOps.dropped(x.shape(), list).extents());
        });
  }

  static Tensor softmax(Tensor x, int axis) {
    RunningOps.axis("softmax", x, axis);
    return ElementwiseOps.composed(
        x,
        real -> {
          if (x.size() == 0) {
            return real;
          }
          Tensor exponentials = shifted(real, axis).exp();
          return exponentials.div(ReductionOps.sum(exponentials, true, axis));
        });
  }

  static Tensor logSoftmax(Tensor x, int axis) {
    RunningOps.axis("logSoftmax", x, axis);
    return ElementwiseOps.composed(
        x,
        real -> {
          if (x.size() == 0) {
            return real;
          }
          Tensor shifted = shifted(real, axis);
          return shifted.sub(ReductionOps.sum(shifted.exp(), true, axis).log());
        });
  }

  /** Returns x less its maximum along an axis, which derivatives take as given. */
  static Tensor shifted(Tensor real, int axis) {
    return real.sub(ReductionOps.max(real, true, axis).stopGradient());
  }

  static void requireNumbers(String op, Tensor x, Tensor y) {
    if (DType.promote(x.dtype(), y.dtype()) == DType.BOOL) {
      throw new DTypeException(
          "%s: not defined for bool, got %s and %s. Cast one: x.cast(DType.I32)"
              .formatted(op, x.type(), y.type()));
    }
  }

  private static Tensor like(Tensor x, double value) {
    return Trace.bind(new Full(x.type(), value));
  }
}
