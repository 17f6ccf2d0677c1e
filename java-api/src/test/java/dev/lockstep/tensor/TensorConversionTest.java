package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TracerException;
import dev.lockstep.program.Trace;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class TensorConversionTest {
  private static final Tensor BOOLS = Tensor.of(true, false);
  private static final Tensor INTS = Tensor.of(Integer.MIN_VALUE, 7);
  private static final Tensor LONGS = Tensor.of(Long.MAX_VALUE, -7L);
  private static final Tensor FLOATS = Tensor.of(0.1f, -2f);
  private static final Tensor DOUBLES = Tensor.of(0.1, -2.0);

  @Test
  void widens() {
    assertThat(BOOLS.toBooleanArray()).containsExactly(true, false);
    assertThat(BOOLS.toIntArray()).containsExactly(1, 0);
    assertThat(BOOLS.toLongArray()).containsExactly(1, 0);
    assertThat(BOOLS.toFloatArray()).containsExactly(1, 0);
    assertThat(BOOLS.toDoubleArray()).containsExactly(1, 0);
    assertThat(INTS.toIntArray()).containsExactly(Integer.MIN_VALUE, 7);
    assertThat(INTS.toLongArray()).containsExactly(Integer.MIN_VALUE, 7);
    assertThat(INTS.toDoubleArray()).containsExactly(Integer.MIN_VALUE, 7);
    assertThat(LONGS.toLongArray()).containsExactly(Long.MAX_VALUE, -7);
    assertThat(FLOATS.toFloatArray()).containsExactly(0.1f, -2);
    assertThat(FLOATS.toDoubleArray()).containsExactly(0.1f, -2);
    assertThat(DOUBLES.toDoubleArray()).containsExactly(0.1, -2);
  }

  @Test
  void narrowingIsRefused() {
    assertRefused(DOUBLES::toFloatArray, "toFloatArray: f64[2] would lose values.", "F32");
    assertRefused(INTS::toFloatArray, "toFloatArray: i32[2]", "F32");
    assertRefused(LONGS::toFloatArray, "toFloatArray: i64[2]", "F32");
    assertRefused(LONGS::toDoubleArray, "toDoubleArray: i64[2]", "F64");
    assertRefused(FLOATS::toIntArray, "toIntArray: f32[2]", "I32");
    assertRefused(LONGS::toIntArray, "toIntArray: i64[2]", "I32");
    assertRefused(DOUBLES::toLongArray, "toLongArray: f64[2]", "I64");
    assertRefused(INTS::toBooleanArray, "toBooleanArray: i32[2]", "BOOL");
    assertRefused(Tensor.scalar(1.0)::itemLong, "itemLong: f64[]", "I64");
    assertRefused(Tensor.scalar(1)::itemBoolean, "itemBoolean: i32[]", "BOOL");
  }

  private static void assertRefused(ThrowingCallable call, String start, String dtype) {
    assertThatThrownBy(call)
        .isInstanceOf(DTypeException.class)
        .hasMessageStartingWith(start)
        .hasMessageEndingWith("Convert first: cast(DType." + dtype + ").");
  }

  @Test
  void items() {
    assertThat(Tensor.scalar(0.1f).item()).isEqualTo(0.1f);
    assertThat(Tensor.scalar(-0.1).item()).isEqualTo(-0.1);
    assertThat(Tensor.scalar(-5).item()).isEqualTo(-5);
    assertThat(Tensor.scalar(-5L).item()).isEqualTo(-5);
    assertThat(Tensor.scalar(true).item()).isEqualTo(1);
    assertThat(Tensor.scalar(-5).itemLong()).isEqualTo(-5);
    assertThat(Tensor.scalar(Long.MIN_VALUE).itemLong()).isEqualTo(Long.MIN_VALUE);
    assertThat(Tensor.scalar(true).itemLong()).isEqualTo(1);
    assertThat(Tensor.scalar(true).itemBoolean()).isTrue();
    assertThat(Tensor.scalar(false).itemBoolean()).isFalse();
    assertThat(Tensor.of(new float[][] {{-4.5f}}).item()).isEqualTo(-4.5);
    assertThat(Tensor.of(-4).item()).isEqualTo(-4);
    assertThat(Tensor.of(-4L).itemLong()).isEqualTo(-4);
    assertThat(Tensor.of(-4.5).item()).isEqualTo(-4.5);
    assertThat(Tensor.of(true).itemBoolean()).isTrue();
  }

  @Test
  void itemNeedsOneElement() {
    assertThatThrownBy(FLOATS::item)
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("item: expected one element, got f32[2].");
    assertThatThrownBy(Tensor.of(new int[0])::itemLong).isInstanceOf(ShapeException.class);
  }

  @Test
  void itemDoesNotRound() {
    long odd = (1L << 53) + 1;
    assertThatThrownBy(Tensor.scalar(odd)::item)
        .isInstanceOf(DTypeException.class)
        .hasMessage("item: the i64 value 9007199254740993 is no double. Use itemLong().");
    assertThatThrownBy(Tensor.scalar(Long.MAX_VALUE)::item).isInstanceOf(DTypeException.class);
    assertThat(Tensor.scalar(1L << 53).item()).isEqualTo(0x1p53);
    assertThat(Tensor.scalar(Long.MIN_VALUE).item()).isEqualTo(-0x1p63);
  }

  @Test
  void abstractTensorsHaveNoElements() {
    List<ThrowingCallable> calls =
        List.of(
            () -> trace(Tensor::item),
            () -> trace(Tensor::toFloatArray),
            () -> trace(Tensor::toNested));
    for (ThrowingCallable call : calls) {
      assertThatThrownBy(call).isInstanceOf(TracerException.class);
    }
  }

  private static void trace(java.util.function.Consumer<Tensor> use) {
    Trace.trace(
        "vmap",
        List.of(TensorType.of(DType.F32)),
        null,
        arguments -> {
          use.accept(arguments.getFirst());
          return arguments;
        });
  }
}
