package dev.lockstep.program.primitive;

import dev.lockstep.program.Primitive;
import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A primitive with operands to test its rules on.
 *
 * @param expected the result's type as it prints
 * @param linearIn the sets of operands in which it is linear, for the transpose rule
 */
record Sample(
    Primitive primitive,
    List<Values> operands,
    String expected,
    List<List<Integer>> linearIn,
    Inside inside) {

  Sample(
      Primitive primitive, List<Values> operands, String expected, List<List<Integer>> linearIn) {
    this(primitive, operands, expected, linearIn, Inside.ANYWHERE);
  }

  /**
   * Where operands may be, for primitives that are not defined everywhere.
   *
   * @param move brings random operands to where the primitive is defined
   * @param derive computes the operands that depend on others; gives the others as they are
   * @param derived the positions of the operands that depend on others
   */
  record Inside(
      UnaryOperator<List<Tensor>> move, UnaryOperator<List<Tensor>> derive, List<Integer> derived) {
    static final Inside ANYWHERE =
        new Inside(UnaryOperator.identity(), UnaryOperator.identity(), List.of());
  }

  /** Operand values: uniform in {@code [low, high)}; of integers the whole numbers in it. */
  record Values(TensorType type, double low, double high) {
    static Values f64(double low, double high, long... extents) {
      return new Values(TensorType.of(DType.F64, extents), low, high);
    }

    static Values of(DType dtype, double low, double high, long... extents) {
      return new Values(TensorType.of(dtype, extents), low, high);
    }

    Values with(DType dtype) {
      return new Values(type.with(dtype), low, high);
    }

    Values with(Shape shape) {
      return new Values(type.with(shape), low, high);
    }

    /** Returns a tensor with these values, the same for the same seed. */
    Tensor tensor(long seed) {
      Random random = new Random(seed);
      int size = Math.toIntExact(type.shape().size());
      double[] elements = new double[size];
      for (int i = 0; i < size; i++) {
        elements[i] = low + (high - low) * random.nextDouble();
      }
      return tensor(type, elements);
    }

    static Tensor tensor(TensorType type, double... elements) {
      int size = elements.length;
      switch (type.dtype()) {
        case F64 -> {
          return Tensor.of(elements, type.shape());
        }
        case F32 -> {
          float[] floats = new float[size];
          for (int i = 0; i < size; i++) {
            floats[i] = (float) elements[i];
          }
          return Tensor.of(floats, type.shape());
        }
        case BF16 -> {
          short[] bits = new short[size];
          for (int i = 0; i < size; i++) {
            bits[i] = BFloat16.fromDouble(elements[i]);
          }
          return Tensor.ofBf16(bits, type.shape());
        }
        case I32 -> {
          int[] ints = new int[size];
          for (int i = 0; i < size; i++) {
            ints[i] = (int) Math.floor(elements[i]);
          }
          return Tensor.of(ints, type.shape());
        }
        case I64 -> {
          long[] longs = new long[size];
          for (int i = 0; i < size; i++) {
            longs[i] = (long) Math.floor(elements[i]);
          }
          return Tensor.of(longs, type.shape());
        }
        case BOOL -> {
          boolean[] booleans = new boolean[size];
          for (int i = 0; i < size; i++) {
            booleans[i] = elements[i] >= 0.5;
          }
          return Tensor.of(booleans, type.shape());
        }
      }
      throw new IllegalArgumentException(type.toString());
    }
  }

  /** Returns the operands' tensors, other ones for another seed. */
  List<Tensor> tensors(long seed) {
    List<Tensor> tensors = new ArrayList<>();
    for (Values values : operands) {
      tensors.add(values.tensor(seed * 31 + tensors.size()));
    }
    return inside.derive().apply(inside.move().apply(tensors));
  }

  /** Returns the operands' tensors with a batch as axis 0. */
  List<Tensor> batch(int size, long seed) {
    List<Tensor> tensors = new ArrayList<>();
    for (Values values : operands) {
      tensors.add(values.with(values.type().shape().insert(0, size)).tensor(seed + tensors.size()));
    }
    return inside.derive().apply(inside.move().apply(tensors));
  }

  /** Returns the positions of the operands that have tangents. */
  List<Integer> floating() {
    return Stream.iterate(0, i -> i < operands.size(), i -> i + 1)
        .filter(i -> operands.get(i).type().dtype().isFloating())
        .filter(i -> !inside.derived().contains(i))
        .toList();
  }

  @Override
  public String toString() {
    return primitive + " of " + operands.stream().map(values -> values.type().toString()).toList();
  }
}
