package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.Elements;
import java.util.Arrays;

/** Tensors from flat Java arrays, and back without loss. */
final class JavaArrays {
  /** The longest array that HotSpot makes. */
  private static final int MAX_LENGTH = Integer.MAX_VALUE - 2;

  private JavaArrays() {}

  static Array tensor(Object elements, DType dtype, int length, Shape shape) {
    if (length != shape.size()) {
      throw new ShapeException(
          "Tensor.of: expected %d elements for shape %s, the array has %d"
              .formatted(shape.size(), shape, length));
    }
    return Elements.create(
        new TensorType(dtype, shape), address -> Elements.write(elements, address));
  }

  /** Returns the Java type that holds the dtype's values exactly. */
  static Class<?> elementClass(DType dtype) {
    return switch (dtype) {
      case BOOL -> boolean.class;
      case I32 -> int.class;
      case I64 -> long.class;
      case F32 -> float.class;
      case F64 -> double.class;
      case BF16 -> float.class;
    };
  }

  static float[] floats(Tensor tensor) {
    String op = "toFloatArray";
    return switch (tensor.dtype()) {
      case F32 -> (float[]) elements(tensor, op);
      case BF16 -> floats(shorts(tensor, op));
      case BOOL -> floats((boolean[]) elements(tensor, op));
      case I32, I64, F64 -> throw narrows(tensor, op, DType.F32);
    };
  }

  static double[] doubles(Tensor tensor) {
    String op = "toDoubleArray";
    return switch (tensor.dtype()) {
      case F64 -> (double[]) elements(tensor, op);
      case F32 -> doubles((float[]) elements(tensor, op));
      case BF16 -> doubles(floats(shorts(tensor, op)));
      case I32 -> Arrays.stream((int[]) elements(tensor, op)).asDoubleStream().toArray();
      case BOOL -> doubles(floats((boolean[]) elements(tensor, op)));
      case I64 -> throw narrows(tensor, op, DType.F64);
    };
  }

  static int[] ints(Tensor tensor) {
    String op = "toIntArray";
    return switch (tensor.dtype()) {
      case I32 -> (int[]) elements(tensor, op);
      case BOOL -> ints((boolean[]) elements(tensor, op));
      case I64, F32, F64, BF16 -> throw narrows(tensor, op, DType.I32);
    };
  }

  static long[] longs(Tensor tensor) {
    String op = "toLongArray";
    return switch (tensor.dtype()) {
      case I64 -> (long[]) elements(tensor, op);
      case I32 -> Arrays.stream((int[]) elements(tensor, op)).asLongStream().toArray();
      case BOOL -> Arrays.stream(ints((boolean[]) elements(tensor, op))).asLongStream().toArray();
      case F32, F64, BF16 -> throw narrows(tensor, op, DType.I64);
    };
  }

  static boolean[] booleans(Tensor tensor) {
    String op = "toBooleanArray";
    if (tensor.dtype() != DType.BOOL) {
      throw narrows(tensor, op, DType.BOOL);
    }
    return (boolean[]) elements(tensor, op);
  }

  static short[] bf16Bits(Tensor tensor) {
    String op = "toBf16Array";
    if (tensor.dtype() != DType.BF16) {
      throw new DTypeException(
          "%s: expected bf16, got %s. Convert first: cast(DType.BF16)."
              .formatted(op, tensor.type()));
    }
    return shorts(tensor, op);
  }

  static double item(Tensor tensor) {
    long bits = bits(tensor, "item");
    return switch (tensor.dtype()) {
      case F32 -> Float.intBitsToFloat((int) bits);
      case F64 -> Double.longBitsToDouble(bits);
      case BF16 -> BFloat16.toFloat((short) bits);
      case BOOL, I32 -> (int) bits;
      case I64 -> {
        if ((long) (double) bits != bits || bits == Long.MAX_VALUE) {
          throw new DTypeException(
              "item: the i64 value %d is no double. Use itemLong().".formatted(bits));
        }
        yield bits;
      }
    };
  }

  static long itemLong(Tensor tensor) {
    String op = "itemLong";
    return switch (tensor.dtype()) {
      case I64 -> bits(tensor, op);
      case I32, BOOL -> (int) bits(tensor, op);
      case F32, F64, BF16 -> throw narrows(tensor, op, DType.I64);
    };
  }

  static boolean itemBoolean(Tensor tensor) {
    if (tensor.dtype() != DType.BOOL) {
      throw narrows(tensor, "itemBoolean", DType.BOOL);
    }
    return bits(tensor, "itemBoolean") != 0;
  }

  static void requireLength(String op, TensorType type, long length) {
    if (length > MAX_LENGTH) {
      throw new ShapeException(
          "%s: %s has more elements than a Java array can hold. Take slices.".formatted(op, type));
    }
  }

  /** Returns the only element by its bytes, lowest first. */
  private static long bits(Tensor tensor, String op) {
    if (tensor.size() != 1) {
      throw new ShapeException(
          "%s: expected one element, got %s. Use toDoubleArray() and its like, or reduce first."
              .formatted(op, tensor.type()));
    }
    return Elements.firstBits(tensor.concrete(op), op);
  }

  /** Returns the elements as an array of the Java type that is the dtype's. */
  private static Object elements(Tensor tensor, String op) {
    requireLength(op, tensor.type(), tensor.size());
    return read(
        tensor,
        op,
        java.lang.reflect.Array.newInstance(elementClass(tensor.dtype()), (int) tensor.size()));
  }

  private static short[] shorts(Tensor tensor, String op) {
    requireLength(op, tensor.type(), tensor.size());
    return (short[]) read(tensor, op, new short[(int) tensor.size()]);
  }

  private static Object read(Tensor tensor, String op, Object elements) {
    return Elements.read(
        tensor.concrete(op),
        op,
        address -> {
          Elements.read(address, elements);
          return elements;
        });
  }

  private static float[] floats(boolean[] from) {
    float[] to = new float[from.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = from[i] ? 1 : 0;
    }
    return to;
  }

  static float[] floats(short[] from) {
    float[] to = new float[from.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = BFloat16.toFloat(from[i]);
    }
    return to;
  }

  private static int[] ints(boolean[] from) {
    int[] to = new int[from.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = from[i] ? 1 : 0;
    }
    return to;
  }

  private static double[] doubles(float[] from) {
    double[] to = new double[from.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = from[i];
    }
    return to;
  }

  private static DTypeException narrows(Tensor tensor, String op, DType wanted) {
    return new DTypeException(
        "%s: %s would lose values. Convert first: cast(DType.%s)."
            .formatted(op, tensor.type(), wanted.name()));
  }
}
