package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.primitive.BackendTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class BFloat16Test {
  private static Tensor bf16(double... values) {
    return Tensor.of(values).cast(DType.BF16);
  }

  @Test
  void everyValueSurvivesAFloatAndADouble() {
    for (int i = 0; i < 1 << 16; i++) {
      short bits = (short) i;
      float value = BFloat16.toFloat(bits);
      short quiet = Float.isNaN(value) ? (short) (i | 0x40) : bits;
      assertThat(BFloat16.fromFloat(value)).isEqualTo(quiet);
      if (!Float.isNaN(value)) {
        assertThat(BFloat16.fromDouble(value)).isEqualTo(bits);
        assertThat(BFloat16.round(value)).isEqualTo(value);
      }
    }
  }

  /** Against the distances to both neighbours, computed exactly. */
  @Test
  void roundsOnceToTheNearestWithTiesToEven() {
    for (int low = 0; low < 0x7f7f; low += 7) {
      double below = BFloat16.toFloat((short) low);
      double above = BFloat16.toFloat((short) (low + 1));
      double tie = (below + above) / 2;
      short even = (short) (low % 2 == 0 ? low : low + 1);
      assertThat(BFloat16.fromDouble(tie)).isEqualTo(even);
      assertThat(BFloat16.fromDouble(Math.nextDown(tie))).isEqualTo((short) low);
      assertThat(BFloat16.fromDouble(Math.nextUp(tie))).isEqualTo((short) (low + 1));
      assertThat(BFloat16.fromDouble(-Math.nextUp(tie))).isEqualTo((short) (low + 1 | 0x8000));
    }
    assertThat(BFloat16.round(Double.MAX_VALUE)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(BFloat16.round(Double.NaN)).isNaN();
  }

  @Test
  void promotesAsTheWiderDtype() {
    for (DType other : DType.values()) {
      DType expected =
          switch (other) {
            case BOOL, BF16 -> DType.BF16;
            case F32 -> DType.F32;
            case I32, I64, F64 -> DType.F64;
          };
      assertThat(DType.promote(DType.BF16, other)).isEqualTo(expected);
      assertThat(DType.promote(other, DType.BF16)).isEqualTo(expected);
    }
    assertThat(bf16(1, 2).mul(0.5).dtype()).isEqualTo(DType.BF16);
    assertThat(bf16(1, 2).add(1L).dtype()).isEqualTo(DType.BF16);
    assertThat(bf16(1, 2).add(Tensor.scalar(1f)).dtype()).isEqualTo(DType.F32);
    assertThat(bf16(1, 2).pow(3).dtype()).isEqualTo(DType.BF16);
  }

  @Test
  void knowsItsLimits() {
    assertThat(DType.BF16.epsilon()).isEqualTo(BFloat16.toFloat((short) 0x3f81) - 1);
    assertThat(DType.BF16.largest()).isEqualTo(BFloat16.toFloat((short) 0x7f7f));
    assertThatThrownBy(DType.I32::epsilon)
        .isInstanceOf(DTypeException.class)
        .hasMessage("epsilon: expected f32, f64 or bf16, got i32");
    assertThat(bf16(Double.POSITIVE_INFINITY, Double.NaN).nanToNum().toDoubleArray())
        .containsExactly(DType.BF16.largest(), 0);
  }

  @Test
  void goesInAndOutExactly() {
    Tensor x = bf16(1, 1.0 / 3, -1e30).reshape(1, 3);
    float third = BFloat16.toFloat((short) 0x3eab);
    float large = BFloat16.toFloat(BFloat16.fromFloat(-1e30f));
    assertThat(x.toFloatArray()).containsExactly(1, third, large);
    assertThat(x.toDoubleArray()).containsExactly(1, third, large);
    assertThat(x.toNested()).isEqualTo(new float[][] {{1, third, large}});
    assertThat(x.get(0).get(1).item()).isEqualTo(third);
    assertThat(x.get(0).get(1).toNested()).isEqualTo(third);
    assertThat(Tensor.ofBf16(x.toBf16Array(), x.shape()).toFloatArray())
        .isEqualTo(x.toFloatArray());
    assertThat(Tensor.full(DType.BF16, 0.1, 2).toFloatArray())
        .containsExactly(0.100097656f, 0.100097656f);
    assertThat(Tensor.zeros(DType.BF16, 2).add(0.1).toFloatArray())
        .containsExactly(0.100097656f, 0.100097656f);
    assertThat(Tensor.eye(DType.BF16, 2, 2).toFloatArray()).containsExactly(1, 0, 0, 1);
  }

  @Test
  void seesNativeMemory() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(8, 2);
      segment.set(ValueLayout.JAVA_SHORT, 2, (short) 0x4049);
      Tensor x = Tensor.of(segment, DType.BF16, Shape.of(4));
      assertThat(x.toFloatArray()).containsExactly(0, 3.140625f, 0, 0);
      segment.set(ValueLayout.JAVA_SHORT, 6, (short) 0x3f80);
      assertThat(x.sum().item()).isEqualTo(4.125);
      assertThatThrownBy(() -> Tensor.of(segment.asSlice(1, 2), DType.BF16, Shape.of(1)))
          .isInstanceOf(DTypeException.class)
          .hasMessageContaining("aligned to 2 bytes for bf16[1]");
    }
  }

  @Test
  void printsTheFewestDigits() {
    assertThat(bf16(1, 0.1, 3.14159)).hasToString("[1.   0.1  3.14]");
    assertThat(bf16(1, 2).reshape(1, 2).type()).hasToString("bf16[1, 2]");
    assertThat(bf16(0.1).get(0)).hasToString("0.1");
    assertThat(bf16(Double.NaN, Double.NEGATIVE_INFINITY)).hasToString("[ nan -inf]");
    for (int i = 0; i < 0x7f80; i += 11) {
      Tensor x = Tensor.ofBf16(new short[] {(short) i}, Shape.of());
      double read = new BigDecimal(x.toString()).doubleValue();
      assertThat(BFloat16.fromDouble(read)).as(x.toString()).isEqualTo((short) i);
    }
  }

  @BackendTest
  void countsWithExactNumbers() {
    float[] counted = Tensor.iota(DType.BF16, 0, 300).toFloatArray();
    assertThat(counted[255]).isEqualTo(255);
    assertThat(counted[257]).isEqualTo(256);
    assertThat(counted[259]).isEqualTo(260);
  }

  /** 1 + 2^-9 … would be lost one by one: 256 + 1 is 256 in bf16. */
  @BackendTest
  void sumsRoundOnce() {
    Tensor ones = Tensor.ones(DType.BF16, 1000);
    assertThat(ones.sum().item()).isEqualTo(1000);
    assertThat(ones.reshape(1, 1000).matmul(ones).item()).isEqualTo(1000);
    assertThat(Tensor.full(DType.BF16, 0.1, 1000).mean().item()).isEqualTo(0.10009765625);
    assertThat(ones.cumSum(0).get(999).item()).isEqualTo(1000);
    Tensor x = bf16(100, 101, 102, 103);
    assertThat(x.var().dtype()).isEqualTo(DType.BF16);
    assertThat(x.var().item()).isEqualTo(1.25);
    Tensor wide = x.cast(DType.F32);
    assertThat(x.softmax(0).toFloatArray())
        .isEqualTo(wide.softmax(0).cast(DType.BF16).toFloatArray());
    assertThat(x.logSumExp().item()).isEqualTo(wide.logSumExp().cast(DType.BF16).item());
  }

  /** Small differences of large numbers survive, since nothing is rounded between them. */
  @Test
  void methodsOfTwoOperandsRoundOnce() {
    Tensor logits = bf16(7, 9, 12);
    Tensor loss = Nn.sigmoidBinaryCrossEntropy(logits, bf16(1, 1, 1));
    Tensor wide = Nn.sigmoidBinaryCrossEntropy(logits.cast(DType.F32), Tensor.ones(3));
    assertThat(loss.toFloatArray()).isEqualTo(wide.cast(DType.BF16).toFloatArray());
    assertThat(loss.min().item()).isPositive();
    Tensor x = Tensor.full(DType.F32, 1.0546875, 70);
    Tensor narrow = x.cast(DType.BF16);
    assertThat(LinAlg.vecdot(narrow, narrow).item())
        .isEqualTo(LinAlg.vecdot(x, x).cast(DType.BF16).item());
    Tensor p = bf16(0.25, 0.5, 0.25);
    assertThat(Nn.crossEntropy(logits, p).item())
        .isEqualTo(
            Nn.crossEntropy(logits.cast(DType.F32), p.cast(DType.F32)).cast(DType.BF16).item());
  }

  @Test
  void errorsNameTheWayOut() {
    Tensor matrix = bf16(1, 0, 0, 1).reshape(2, 2);
    assertThatThrownBy(() -> LinAlg.cholesky(matrix))
        .isInstanceOf(DTypeException.class)
        .hasMessage("cholesky: expected f32 or f64, got bf16[2, 2]. Cast it: a.cast(DType.F32)");
    assertThatThrownBy(() -> Key.of(0).normal(DType.BF16, 3))
        .isInstanceOf(DTypeException.class)
        .hasMessage("normal: expected f32 or f64, got bf16. Draw f32, then cast(DType.BF16)");
    assertThatThrownBy(() -> Key.of(0).gamma(bf16(1, 2)))
        .isInstanceOf(DTypeException.class)
        .hasMessageContaining("expected f32 or f64 parameters, got bf16[2]. Cast them");
    assertThatThrownBy(() -> bf16(1).and(bf16(1)))
        .isInstanceOf(DTypeException.class)
        .hasMessageContaining("expected bool or integers, got bf16[1]");
    assertThatThrownBy(() -> bf16(1, 2).toIntArray())
        .isInstanceOf(DTypeException.class)
        .hasMessage("toIntArray: bf16[2] would lose values. Convert first: cast(DType.I32).");
    assertThatThrownBy(() -> Tensor.of(1f).toBf16Array())
        .isInstanceOf(DTypeException.class)
        .hasMessage("toBf16Array: expected bf16, got f32[1]. Convert first: cast(DType.BF16).");
    assertThatThrownBy(() -> Tensor.ofBf16(new short[3], Shape.of(2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("expected 2 elements");
    assertThatThrownBy(() -> Tensor.ofNested(new short[][] {{1}}))
        .isInstanceOf(DTypeException.class)
        .hasMessageContaining("expected an array (of arrays) of float");
  }
}
