package dev.lockstep.compiler;

import dev.lockstep.program.Primitive;
import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.UnaryArithmetic;
import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/**
 * Computes arithmetic of constants in Java, where that gives the same bits as the native core: one
 * operation in f64, rounded once, is exact for f32 too.
 */
final class FoldConstants {
  private FoldConstants() {}

  /** Returns the constant that the op gives for constant operands, or null. */
  static Full fold(Primitive op, List<Full> operands, TensorType result) {
    DType dtype = operands.getFirst().type().dtype();
    if (dtype == DType.BOOL || result.dtype() == DType.BOOL) {
      return null;
    }
    Number x = value(dtype, operands.getFirst().value());
    Number y = value(dtype, operands.getLast().value());
    return switch (op) {
      case UnaryArithmetic unary when dtype.isFloating() ->
          full(result, unary.reference(x.doubleValue()));
      case UnaryArithmetic unary -> full(result, unary.reference(x.longValue()));
      case BinaryArithmetic.Pow _, BinaryArithmetic.Rem _ -> null;
      case BinaryArithmetic binary when dtype.isFloating() ->
          full(result, binary.reference(x.doubleValue(), y.doubleValue()));
      case BinaryArithmetic.Div _ -> null;
      case BinaryArithmetic binary -> full(result, binary.reference(x.longValue(), y.longValue()));
      case Cast _ when dtype.isFloating() && result.dtype().isFloating() ->
          full(result, x.doubleValue());
      case Cast _ when !dtype.isFloating() && !result.dtype().isFloating() ->
          full(result, x.longValue());
      default -> null;
    };
  }

  private static Full full(TensorType type, double value) {
    return new Full(type, value(type.dtype(), value));
  }

  /** Returns the value that a floating constant has in its dtype. */
  static double value(Full full) {
    return value(full.type().dtype(), full.value()).doubleValue();
  }

  private static Number value(DType dtype, Number value) {
    return switch (dtype) {
      case F32 -> (double) value.floatValue();
      case BF16 -> BFloat16.round(value.doubleValue());
      case F64 -> value.doubleValue();
      case BOOL, I32, I64 -> value;
    };
  }

  private static Full full(TensorType type, long value) {
    return new Full(type, type.dtype() == DType.I32 ? (int) value : value);
  }
}
