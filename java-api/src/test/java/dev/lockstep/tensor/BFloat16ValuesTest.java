package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.primitive.BackendTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Compares bf16 with JAX's, bit for bit; bf16_values.py wrote them. */
class BFloat16ValuesTest {
  /** An op of JAX: {@code op|result|operands …}, each a dtype and bits. */
  private record Line(String op, String result, List<String> operands) {
    static Line of(String text) {
      List<String> parts = List.of(text.split("\\|"));
      return new Line(parts.get(0), parts.get(1), parts.subList(2, parts.size()));
    }
  }

  @BackendTest
  void everyResultIsThatOfJax() throws IOException {
    try (InputStream file = BFloat16ValuesTest.class.getResourceAsStream("bf16.txt")) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      for (Line line : text.lines().map(Line::of).toList()) {
        List<Tensor> operands = line.operands().stream().map(BFloat16ValuesTest::tensor).toList();
        DType result = dtype(line.result());
        Tensor got = apply(line.op(), result, operands);
        assertThat(got.dtype()).isEqualTo(result);
        assertThat(text(got)).as(line.op() + " to " + result).isEqualTo(line.result());
      }
    }
  }

  private static Tensor apply(String op, DType result, List<Tensor> operands) {
    Tensor x = operands.get(0);
    Tensor y = operands.getLast();
    return switch (op) {
      case "cast" -> x.cast(result);
      case "add" -> x.add(y);
      case "sub" -> x.sub(y);
      case "mul" -> x.mul(y);
      case "div" -> x.div(y);
      case "max" -> x.maximum(y);
      case "min" -> x.minimum(y);
      case "neg" -> x.neg();
      case "abs" -> x.abs();
      case "floor" -> x.floor();
      case "exp" -> x.exp();
      case "tanh" -> x.tanh();
      case "sqrt" -> x.sqrt();
      case "sum" -> x.sum();
      case "cumMax" -> x.cumMax(0);
      case "sort" -> x.sort(0);
      case "matmul" -> x.reshape(10, 15).matmul(y.reshape(15, 4)).flatten();
      default -> throw new AssertionError(op);
    };
  }

  private static DType dtype(String text) {
    return Arrays.stream(DType.values())
        .filter(dtype -> text.startsWith(dtype + " "))
        .findFirst()
        .orElseThrow();
  }

  private static Tensor tensor(String text) {
    int[] bits =
        Arrays.stream(text.split(" "))
            .skip(1)
            .mapToInt(word -> Integer.parseUnsignedInt(word, 16))
            .toArray();
    float[] floats = new float[bits.length];
    short[] shorts = new short[bits.length];
    for (int i = 0; i < bits.length; i++) {
      floats[i] = Float.intBitsToFloat(bits[i]);
      shorts[i] = (short) bits[i];
    }
    return switch (dtype(text)) {
      case F32 -> Tensor.of(floats);
      case I32 -> Tensor.of(bits);
      default -> Tensor.ofBf16(shorts, Shape.of(shorts.length));
    };
  }

  private static String text(Tensor x) {
    StringBuilder text = new StringBuilder(x.dtype().toString());
    for (int i = 0; i < x.size(); i++) {
      int bits =
          switch (x.dtype()) {
            case F32 -> Float.floatToRawIntBits(x.toFloatArray()[i]);
            case I32 -> x.toIntArray()[i];
            default -> Short.toUnsignedInt(x.toBf16Array()[i]);
          };
      text.append(' ').append(Integer.toHexString(bits));
    }
    return text.toString();
  }
}
