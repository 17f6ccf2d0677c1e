package dev.lockstep.program.primitive;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What many rules need. */
final class Rules {
  private Rules() {}

  /** Returns a constant of the program with the type of {@code x} and this value everywhere. */
  static Tensor like(Tensor x, double value) {
    return full(x.type(), value);
  }

  /** Returns a constant of the program. */
  static Tensor full(TensorType type, double value) {
    return Trace.bind(new Structural.Full(type, value));
  }

  /** Returns a list of one element, which may be null (zero). */
  static List<Tensor> one(Tensor tensor) {
    return Collections.singletonList(tensor);
  }

  /** Returns {@code x} repeated along a new axis 0. */
  static Tensor repeat(Tensor x, long size) {
    Shape shape = x.shape();
    return Trace.bind(
        new Structural.BroadcastInDim(shape.insert(0, size), range(1, 1 + shape.rank())), x);
  }

  /** Returns the integers from {@code from} up to, not including, {@code to}. */
  static List<Integer> range(int from, int to) {
    List<Integer> result = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      result.add(i);
    }
    return result;
  }

  /** Returns the sum of two tangents or cotangents, of which each may be null (zero). */
  static Tensor sum(Tensor a, Tensor b) {
    if (a == null) {
      return b;
    }
    return b == null ? a : a.add(b);
  }

  /** Returns the negative of a tangent or cotangent, which may be null (zero). */
  static Tensor negative(Tensor a) {
    return a == null ? null : a.neg();
  }

  /** Returns the value of an operand that a linear primitive needs to know. */
  static Tensor known(Operand operand) {
    return switch (operand) {
      case Operand.Known(Tensor value) -> value;
      case Operand.Unknown(TensorType type) ->
          throw new IllegalStateException(
              "linear in one operand only, but two are unknown: " + type);
    };
  }

  /**
   * Returns the share of a tangent {@code dx} in that of a larger or smaller one: {@code dx} where
   * {@code chosen}, half of it where {@code ties} too, else 0. What is not chosen is selected away,
   * as 0 times an infinite tangent would not be 0.
   */
  static Tensor shared(Tensor dx, Tensor chosen, Tensor ties) {
    Tensor half = Tensor.where(ties, like(dx, 0.5), like(dx, 1));
    return Tensor.where(chosen, dx, like(dx, 0)).mul(half);
  }

  /** Checks that all operands of an elementwise op have one shape and one dtype of its domain. */
  static void requireAlike(String name, Domain domain, List<TensorType> operands) {
    requireOneShape(name, operands);
    DType dtype = operands.getFirst().dtype();
    for (TensorType operand : operands) {
      if (operand.dtype() != dtype) {
        throw new DTypeException(name + ": operands must have one dtype, got " + operands);
      }
    }
    if (!domain.contains(dtype)) {
      throw new DTypeException(name + ": " + dtype + " is not one of its dtypes, got " + operands);
    }
  }

  /** Checks that all operands of an elementwise op have one shape. */
  static void requireOneShape(String name, List<TensorType> operands) {
    Shape shape = operands.getFirst().shape();
    for (TensorType operand : operands) {
      if (!operand.shape().equals(shape)) {
        throw new ShapeException(name + ": operands must have one shape, got " + operands);
      }
    }
  }
}
