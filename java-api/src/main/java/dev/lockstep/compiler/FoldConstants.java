package dev.lockstep.compiler;

import dev.lockstep.program.Primitive;
import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Structural.Full;
import dev.lockstep.program.primitive.UnaryArithmetic;
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
    Number x = operands.getFirst().value();
    Number y = operands.getLast().value();
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
    return new Full(type, type.dtype() == DType.F32 ? (float) value : value);
  }

  private static Full full(TensorType type, long value) {
    return new Full(type, type.dtype() == DType.I32 ? (int) value : value);
  }
}
