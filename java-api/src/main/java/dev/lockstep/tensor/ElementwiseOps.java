package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.BinaryFloating;
import dev.lockstep.program.primitive.Bitwise;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Classification;
import dev.lockstep.program.primitive.Comparison;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Rounding;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.Unary;
import dev.lockstep.program.primitive.UnaryArithmetic;
import dev.lockstep.program.primitive.UnaryFloating;
import dev.lockstep.program.primitive.Where;
import dev.lockstep.runtime.Array;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** The elementwise methods of {@link Tensor}: they check, promote and broadcast, then bind. */
final class ElementwiseOps {
  private ElementwiseOps() {}

  /**
   * Applies an arithmetic op in the promoted dtype.
   *
   * @param onBool what the op is for two bools, or null if it is not defined for them
   */
  static Tensor arithmetic(BinaryArithmetic op, Bitwise onBool, Tensor x, Tensor y) {
    DType dtype = DType.promote(x.dtype(), y.dtype());
    if (dtype != DType.BOOL) {
      return binary(op.name(), op, dtype, x, y);
    }
    if (onBool == null) {
      throw notForBool(op.name(), x);
    }
    return binary(op.name(), onBool, dtype, x, y);
  }

  /** Divides; integers and bools in f64. */
  static Tensor divide(Tensor x, Tensor y) {
    return binary("div", new BinaryArithmetic.Div(), floating(x, y), x, y);
  }

  /** Divides; integers towards 0 in their promoted dtype. */
  static Tensor quotient(Tensor x, Tensor y) {
    DType dtype = DType.promote(x.dtype(), y.dtype());
    return binary("div", new BinaryArithmetic.Div(), dtype, x, y);
  }

  /** Applies an op that is defined for floating dtypes; others are cast to f64. */
  static Tensor floating(BinaryFloating op, Tensor x, Tensor y) {
    return binary(op.name(), op, floating(x, y), x, y);
  }

  /** Compares in the promoted dtype. */
  static Tensor compare(String name, Comparison op, Tensor x, Tensor y) {
    return binary(name, op, DType.promote(x.dtype(), y.dtype()), x, y);
  }

  /** Applies an op on bits in the promoted dtype. */
  static Tensor bitwise(String name, Bitwise op, Tensor x, Tensor y) {
    DType dtype = DType.promote(x.dtype(), y.dtype());
    if (!op.domain().contains(dtype)) {
      throw new DTypeException(
          "%s: expected %s, got %s and %s"
              .formatted(
                  name,
                  op.domain().contains(DType.BOOL) ? "bool or integers" : "integers",
                  x.type(),
                  y.type()));
    }
    return binary(name, op, dtype, x, y);
  }

  /** Inverts bits. */
  static Tensor not(Tensor x) {
    if (x.dtype().isFloating()) {
      throw new DTypeException("not: expected bool or integers, got " + x.type());
    }
    return Trace.bind(new Unary.Not(), x);
  }

  /** Selects elements; the branches are promoted, and all three broadcast. */
  static Tensor where(Tensor condition, Tensor x, Tensor y) {
    if (condition.dtype() != DType.BOOL) {
      throw new DTypeException(
          "where: the condition must be bool, got %s. Compare it: condition.notEqual(0)"
              .formatted(condition.type()));
    }
    DType dtype = DType.promote(x.dtype(), y.dtype());
    Shape shape = Broadcasting.shape("where", condition, x, y);
    if (fits(x, dtype, shape) && fits(y, dtype, shape) && condition.shape().equals(shape)) {
      return Trace.bind(new Where(), condition, x, y);
    }
    return Trace.staged(() ->
        Trace.bind(
            new Where(),
            Broadcasting.to(condition, shape),
            fit(x, dtype, shape),
            fit(y, dtype, shape)));
  }

  /** Applies a floating op; integers and bools are cast to f64 first. */
  static Tensor unary(UnaryFloating op, Tensor x) {
    return x.dtype().isFloating()
        ? Trace.bind(op, x)
        : Trace.staged(() -> Trace.bind(op, convert(x, DType.F64)));
  }

  /** Rounds; integers and bools are whole already. */
  static Tensor round(Rounding op, Tensor x) {
    return x.dtype().isFloating() ? Trace.bind(op, x) : same(x);
  }

  /** Applies an op on numbers. */
  static Tensor unary(UnaryArithmetic op, Tensor x) {
    if (x.dtype() == DType.BOOL) {
      throw notForBool(op.name(), x);
    }
    return Trace.bind(op, x);
  }

  /** Classifies floating elements; of others the answer is known. */
  static Tensor classify(Classification op, Tensor x) {
    return x.dtype().isFloating()
        ? Trace.bind(op, x)
        : Trace.bind(new Full(x.type().with(DType.BOOL), op.reference(0.0) ? 1L : 0L));
  }

  /** Converts; a tensor of that dtype already is returned as it is. */
  static Tensor cast(Tensor x, DType dtype) {
    return x.dtype() == dtype ? same(x) : Trace.bind(new Cast(dtype), x);
  }

  /** Returns {@code x} with floating elements: itself, or cast to f64. */
  static Tensor floating(Tensor x) {
    return x.dtype().isFloating() ? x : convert(x, DType.F64);
  }

  /**
   * Computes several ops on {@code x} with floating elements as if they were one: of bf16 in f32,
   * rounded at the end.
   */
  static Tensor composed(Tensor x, UnaryOperator<Tensor> ops) {
    return Trace.staged(() ->
        x.dtype() == DType.BF16
            ? convert(ops.apply(convert(x, DType.F32)), DType.BF16)
            : ops.apply(floating(x)));
  }

  /** As {@link #composed(Tensor, UnaryOperator)}, of two operands that together give bf16. */
  static Tensor composed(Tensor x, Tensor y, BinaryOperator<Tensor> ops) {
    return Trace.staged(() ->
        DType.promote(x.dtype(), y.dtype()) == DType.BF16
            ? convert(ops.apply(convert(x, DType.F32), convert(y, DType.F32)), DType.BF16)
            : ops.apply(x, y));
  }

  /** Returns the tensor itself for ops that change nothing: eagerly a handle that closes alone. */
  static Tensor same(Tensor x) {
    return x instanceof Array array && !Trace.active() ? array.share() : x;
  }

  /** Returns {@code x} in another dtype; inside a staged body only, since it may return itself. */
  static Tensor convert(Tensor x, DType dtype) {
    return x.dtype() == dtype ? x : Trace.bind(new Cast(dtype), x);
  }

  private static Tensor binary(String name, Elementwise op, DType dtype, Tensor x, Tensor y) {
    if (x.dtype() == dtype && y.dtype() == dtype && x.shape().equals(y.shape())) {
      return Trace.bind(op, x, y);
    }
    Shape shape = Broadcasting.shape(name, x, y);
    return Trace.staged(() -> Trace.bind(op, fit(x, dtype, shape), fit(y, dtype, shape)));
  }

  private static Tensor fit(Tensor x, DType dtype, Shape shape) {
    return Broadcasting.to(convert(x, dtype), shape);
  }

  private static boolean fits(Tensor x, DType dtype, Shape shape) {
    return x.dtype() == dtype && x.shape().equals(shape);
  }

  private static DType floating(Tensor x, Tensor y) {
    DType dtype = DType.promote(x.dtype(), y.dtype());
    return dtype.isFloating() ? dtype : DType.F64;
  }

  private static DTypeException notForBool(String name, Tensor x) {
    return new DTypeException(
        "%s: not defined for bool, got %s. Cast it: x.cast(DType.I32)".formatted(name, x.type()));
  }
}
