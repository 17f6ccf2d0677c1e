package dev.lockstep.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * An array of a golden file: a type and the elements, row-major. Booleans are kept as 0 and 1.
 *
 * @param elements a {@code double[]} (which holds f32 exactly) or a {@code long[]}
 */
record Value(TensorType type, Object elements) {

  static Value read(JsonNode node) {
    DType dtype = dtype(node.required("dtype").textValue());
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(node.required("data").textValue()))
            .order(ByteOrder.LITTLE_ENDIAN);
    TensorType type = new TensorType(dtype, Shape.of(longs(node.required("shape"))));
    if (bytes.remaining() != type.bytes()) {
      throw new IllegalArgumentException(
          "%s needs %d bytes of data, got %d".formatted(type, type.bytes(), bytes.remaining()));
    }
    int size = (int) type.shape().size();
    return new Value(
        type, dtype.isFloating() ? reals(dtype, bytes, size) : integers(dtype, bytes, size));
  }

  private static double[] reals(DType dtype, ByteBuffer bytes, int size) {
    double[] elements = new double[size];
    Arrays.setAll(elements, _ -> dtype == DType.F32 ? bytes.getFloat() : bytes.getDouble());
    return elements;
  }

  private static long[] integers(DType dtype, ByteBuffer bytes, int size) {
    long[] elements = new long[size];
    Arrays.setAll(
        elements,
        _ ->
            switch (dtype) {
              case BOOL -> bytes.get();
              case I32 -> bytes.getInt();
              default -> bytes.getLong();
            });
    return elements;
  }

  /** Reads {@code {"const": a number or nested lists, "dtype": d}}. */
  static Value constant(JsonNode node) {
    DType dtype = dtype(node.required("dtype").textValue());
    List<Long> extents = new ArrayList<>();
    for (JsonNode part = node.get("const"); part.isArray(); part = part.path(0)) {
      extents.add((long) part.size());
    }
    List<JsonNode> numbers = new ArrayList<>();
    flatten(node.get("const"), numbers);
    TensorType type = TensorType.of(dtype, extents.stream().mapToLong(Long::longValue).toArray());
    return dtype.isFloating()
        ? new Value(type, numbers.stream().mapToDouble(JsonNode::doubleValue).toArray())
        : new Value(
            type,
            numbers.stream()
                .mapToLong(n -> n.isBoolean() ? (n.booleanValue() ? 1 : 0) : n.longValue())
                .toArray());
  }

  private static void flatten(JsonNode node, List<JsonNode> numbers) {
    if (node.isArray()) {
      node.forEach(part -> flatten(part, numbers));
    } else {
      numbers.add(node);
    }
  }

  /** Returns the elements that a tensor has. */
  static Value of(Tensor tensor) {
    return new Value(
        tensor.type(), tensor.dtype().isFloating() ? tensor.toDoubleArray() : tensor.toLongArray());
  }

  /** Returns a tensor with these elements. */
  Tensor tensor() {
    Shape shape = type.shape();
    return switch (type.dtype()) {
      case BOOL -> Tensor.of(booleans(), shape);
      case I32 -> Tensor.of(Arrays.stream(integers()).mapToInt(Math::toIntExact).toArray(), shape);
      case I64 -> Tensor.of(integers(), shape);
      case F32 -> Tensor.of(floats(), shape);
      case F64 -> Tensor.of(reals(), shape);
      case BF16 -> Tensor.of(reals(), shape).cast(DType.BF16);
    };
  }

  private double[] reals() {
    return (double[]) elements;
  }

  private long[] integers() {
    return (long[]) elements;
  }

  private float[] floats() {
    float[] floats = new float[reals().length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) reals()[i];
    }
    return floats;
  }

  private boolean[] booleans() {
    boolean[] booleans = new boolean[integers().length];
    for (int i = 0; i < booleans.length; i++) {
      booleans[i] = integers()[i] != 0;
    }
    return booleans;
  }

  /** Returns the dtype with this name in golden files, which is the one it prints with. */
  static DType dtype(String name) {
    return Arrays.stream(DType.values())
        .filter(d -> d.toString().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no dtype is called " + name));
  }

  static long[] longs(JsonNode array) {
    long[] values = new long[array.size()];
    Arrays.setAll(values, i -> array.get(i).longValue());
    return values;
  }
}
