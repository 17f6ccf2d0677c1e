package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Comparison;
import dev.lockstep.program.primitive.Structural;

/** Tensors that a formula fills; inside a trace they are equations and cost no memory. */
final class Filled {
  private Filled() {}

  static Tensor full(DType dtype, Number value, Shape shape) {
    Number element =
        dtype.isFloating() ? (Number) value.doubleValue() : (Number) integer(dtype, value);
    return Trace.bind(new Structural.Full(new TensorType(dtype, shape), element));
  }

  private static long integer(DType dtype, Number value) {
    long integer = value.longValue();
    boolean fits =
        switch (dtype) {
          case BOOL -> integer == 0 || integer == 1;
          case I32 -> integer == (int) integer;
          default -> true;
        };
    if (!fits || integer != value.doubleValue()) {
      throw new DTypeException(
          "full: %s is no value of %s. Choose another dtype, or round the value."
              .formatted(value, dtype));
    }
    return integer;
  }

  static Tensor eye(DType dtype, long rows, long columns, long offset) {
    TensorType index = new TensorType(DType.I64, Shape.of("eye", rows, columns));
    return Trace.staged(() -> {
      Tensor row = Trace.bind(new Structural.Iota(index, 0));
      Tensor column = Trace.bind(new Structural.Iota(index, 1));
      Tensor shifted = row.add(Trace.bind(new Structural.Full(index, offset)));
      Tensor diagonal = Trace.bind(new Comparison.Eq(), shifted, column);
      return dtype == DType.BOOL ? diagonal : Trace.bind(new Cast(dtype), diagonal);
    });
  }

  /** Returns 0, 1 … {@code count - 1}, for {@code arange}. */
  static Tensor iota(DType dtype, long count) {
    return Trace.bind(new Structural.Iota(new TensorType(dtype, Shape.of("arange", count)), 0));
  }
}
