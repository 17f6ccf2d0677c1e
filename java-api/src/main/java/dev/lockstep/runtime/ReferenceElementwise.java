package dev.lockstep.runtime;

import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.BinaryFloating;
import dev.lockstep.program.primitive.Bitwise;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.Classification;
import dev.lockstep.program.primitive.Comparison;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Unary;
import dev.lockstep.program.primitive.UnaryArithmetic;
import dev.lockstep.program.primitive.UnaryFloating;
import dev.lockstep.program.primitive.Where;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Elementwise ops in plain Java. */
final class ReferenceElementwise {
  private ReferenceElementwise() {}

  static HostArray apply(Elementwise op, List<HostArray> operands, TensorType type) {
    HostArray result = new HostArray(type);
    HostArray x = operands.get(0);
    HostArray y = operands.size() > 1 ? operands.get(1) : null;
    HostArray z = operands.size() > 2 ? operands.get(2) : null;
    for (int i = 0; i < result.size(); i++) {
      element(op, result, i, x, y, z);
    }
    return result;
  }

  private static void element(
      Elementwise op, HostArray result, int i, HostArray x, HostArray y, HostArray z) {
    boolean floating = x.dtype().isFloating();
    switch (op) {
      case UnaryFloating unary -> result.set(i, unary.reference(x.floating(i)));
      case UnaryArithmetic unary -> {
        if (floating) {
          result.set(i, unary.reference(x.floating(i)));
        } else {
          result.set(i, unary.reference(x.whole(i)));
        }
      }
      case Classification unary -> result.set(i, unary.reference(x.floating(i)));
      case Unary.Not unary -> result.set(i, unary.reference(x.whole(i)));
      case Unary.StopGradient _, Unary.Named _ -> result.copy(i, x, i);
      case BinaryFloating binary -> result.set(i, binary.reference(x.floating(i), y.floating(i)));
      case BinaryArithmetic binary -> {
        if (floating) {
          result.set(i, binary.reference(x.floating(i), y.floating(i)));
        } else {
          result.set(i, binary.reference(x.whole(i), y.whole(i)));
        }
      }
      case Bitwise binary ->
          result.set(i, binary.reference(x.whole(i), y.whole(i), 8 * x.dtype().bytes()));
      case Comparison binary ->
          result.set(
              i,
              floating
                  ? binary.reference(x.floating(i), y.floating(i))
                  : binary.reference(x.whole(i), y.whole(i)));
      case Where _ -> result.copy(i, x.whole(i) != 0 ? y : z, i);
      case Cast cast -> convert(cast, result, i, x);
    }
  }

  private static void convert(Cast cast, HostArray result, int i, HostArray x) {
    boolean floating = x.dtype().isFloating();
    switch (cast.dtype()) {
      case BOOL -> result.set(i, floating ? x.floating(i) != 0 : x.whole(i) != 0);
      case I32 -> result.set(i, floating ? (long) (int) x.floating(i) : x.whole(i));
      case I64 -> result.set(i, floating ? (long) x.floating(i) : x.whole(i));
      case F32 -> result.set(i, floating ? x.floating(i) : (double) (float) x.whole(i));
      case F64, BF16 -> result.set(i, floating ? x.floating(i) : (double) x.whole(i));
    }
  }
}
