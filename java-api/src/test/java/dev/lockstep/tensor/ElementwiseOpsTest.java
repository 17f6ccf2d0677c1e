package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.primitive.BackendTest;

/**
 * Checks NumPy's broadcasting and promotion, Java scalars, and the errors of elementwise methods.
 */
class ElementwiseOpsTest {
  private static final double NAN = Double.NaN;

  @BackendTest
  void shapesBroadcast() {
    Tensor column = Tensor.of(new float[][] {{1}, {2}});
    Tensor row = Tensor.of(10f, 20f, 30f);
    assertThat(column.add(row).toNested()).isEqualTo(new float[][] {{11, 21, 31}, {12, 22, 32}});
    assertThat(row.sub(Tensor.scalar(1f)).toFloatArray()).containsExactly(9, 19, 29);
    assertThat(Tensor.ones(2, 1, 3).mul(Tensor.ones(4, 1)).shape()).isEqualTo(Shape.of(2, 4, 3));
    assertThat(Tensor.ones(0, 3).add(Tensor.ones(3)).shape()).isEqualTo(Shape.of(0, 3));
    assertThat(Tensor.ones(1).add(Tensor.ones(0)).shape()).isEqualTo(Shape.of(0));
  }

  @BackendTest
  void dtypesPromoteAsInNumPy() {
    Tensor i32 = Tensor.of(7, 8);
    Tensor f32 = Tensor.of(0.5f, 2f);
    assertThat(i32.add(f32).type()).hasToString("f64[2]");
    assertThat(i32.add(Tensor.of(1L, 2L)).type()).hasToString("i64[2]");
    assertThat(f32.mul(Tensor.of(1.0, 2.0)).type()).hasToString("f64[2]");
    assertThat(f32.mul(Tensor.of(true, false)).toFloatArray()).containsExactly(0.5f, 0);
    assertThat(i32.div(Tensor.of(2, 2)).toDoubleArray()).containsExactly(3.5, 4);
    assertThat(i32.exp().dtype()).isEqualTo(DType.F64);
    assertThat(i32.floor().dtype()).isEqualTo(DType.I32);
    assertThat(i32.less(f32).dtype()).isEqualTo(DType.BOOL);
  }

  @BackendTest
  void scalarsAreWeak() {
    assertThat(Tensor.of(1f).add(0.1).toFloatArray()).containsExactly(1f + 0.1f);
    assertThat(Tensor.of(1f).mul(3).dtype()).isEqualTo(DType.F32);
    assertThat(Tensor.of(5).add(1).toIntArray()).containsExactly(6);
    assertThat(Tensor.of(5).add(0.5).toDoubleArray()).containsExactly(5.5);
    assertThat(Tensor.of(true).add(1).toLongArray()).containsExactly(2L);
    assertThat(Tensor.of(true).mul(0.5).toDoubleArray()).containsExactly(0.5);
    assertThat(Tensor.of(5).greater(4.5).toBooleanArray()).containsExactly(true);
    assertThat(Tensor.of(-5).sub(-3).toIntArray()).containsExactly(-2);
    assertThat(Tensor.of(6L).sub(1L << 40).toLongArray()).containsExactly(6 - (1L << 40));
    assertThatThrownBy(() -> Tensor.of(5).add(1L << 40))
        .isInstanceOf(DTypeException.class)
        .hasMessage(
            "add: 1099511627776 does not fit in i32, the dtype of i32[1]."
                + " Cast the tensor: x.cast(DType.I64)");
  }

  @BackendTest
  void boolsHaveLogicInPlaceOfArithmetic() {
    Tensor x = Tensor.of(false, false, true, true);
    Tensor y = Tensor.of(false, true, false, true);
    assertThat(x.add(y).toBooleanArray()).containsExactly(false, true, true, true);
    assertThat(x.mul(y).toBooleanArray()).containsExactly(false, false, false, true);
    assertThat(x.maximum(y).toBooleanArray()).containsExactly(false, true, true, true);
    assertThat(x.xor(y).toBooleanArray()).containsExactly(false, true, true, false);
    assertThat(x.not().toBooleanArray()).containsExactly(true, true, false, false);
    assertThat(x.div(y).dtype()).isEqualTo(DType.F64);
    assertThatThrownBy(() -> x.sub(y))
        .isInstanceOf(DTypeException.class)
        .hasMessage("sub: not defined for bool, got bool[4]. Cast it: x.cast(DType.I32)");
    assertThatThrownBy(x::neg).isInstanceOf(DTypeException.class);
  }

  @BackendTest
  void integersWrapAndDivideWithoutTraps() {
    Tensor x = Tensor.of(Integer.MAX_VALUE, Integer.MIN_VALUE, 7, -7);
    assertThat(x.add(1).toIntArray())
        .containsExactly(Integer.MIN_VALUE, Integer.MIN_VALUE + 1, 8, -6);
    assertThat(x.rem(Tensor.of(0, -1, -3, 3)).toIntArray()).containsExactly(0, 0, 1, -1);
    assertThat(x.neg().toIntArray()).containsExactly(-Integer.MAX_VALUE, Integer.MIN_VALUE, -7, 7);
    assertThat(Tensor.of(3, -2, 0).pow(5).toIntArray()).containsExactly(243, -32, 0);
    assertThat(Tensor.of(3, -2, 0).pow(Tensor.of(3, 3, 0)).toIntArray()).containsExactly(27, -8, 1);
    assertThat(Tensor.of(1, -1).shiftLeft(Tensor.of(31, 32)).toIntArray())
        .containsExactly(Integer.MIN_VALUE, 0);
    assertThat(Tensor.of(-8, -8).shiftRight(Tensor.of(1, 40)).toIntArray()).containsExactly(-4, -1);
    assertThat(Tensor.of(-8, -8).shiftRightLogical(Tensor.of(1, 40)).toIntArray())
        .containsExactly(2147483644, 0);
  }

  @BackendTest
  void wholePowersMultiply() {
    Tensor x = Tensor.of(-2.0, 0.0, 3.0);
    assertThat(x.pow(0).toDoubleArray()).containsExactly(1, 1, 1);
    assertThat(x.pow(1).toDoubleArray()).containsExactly(-2, 0, 3);
    assertThat(x.pow(7).toDoubleArray()).containsExactly(-128, 0, 2187);
    assertThat(x.pow(-2).toDoubleArray()).containsExactly(0.25, Double.POSITIVE_INFINITY, 1.0 / 9);
    assertThat(x.pow(100).toDoubleArray()[0]).isEqualTo(Math.pow(2, 100));
    assertThat(x.pow(0.5).toDoubleArray()).containsExactly(NAN, 0, Math.sqrt(3));
    assertThatThrownBy(() -> Tensor.of(2).pow(-1)).isInstanceOf(DTypeException.class);
  }

  @BackendTest
  void nanSpreadsThroughMaximumAndComparesFalse() {
    Tensor x = Tensor.of(NAN, 1.0, NAN);
    Tensor y = Tensor.of(1.0, NAN, NAN);
    assertThat(x.maximum(y).toDoubleArray()).containsExactly(NAN, NAN, NAN);
    assertThat(x.minimum(y).toDoubleArray()).containsExactly(NAN, NAN, NAN);
    assertThat(x.equal(y).toBooleanArray()).containsExactly(false, false, false);
    assertThat(x.notEqual(y).toBooleanArray()).containsExactly(true, true, true);
    assertThat(x.greaterEqual(y).toBooleanArray()).containsExactly(false, false, false);
    assertThat(x.isNan().toBooleanArray()).containsExactly(true, false, true);
    assertThat(Tensor.of(1, 2).isFinite().toBooleanArray()).containsExactly(true, true);
  }

  @BackendTest
  void whereSelectsAndBroadcasts() {
    Tensor condition = Tensor.of(true, false);
    assertThat(Tensor.where(condition, Tensor.of(1, 2), Tensor.scalar(0.5)).toDoubleArray())
        .containsExactly(1, 0.5);
    assertThat(Tensor.where(condition, Tensor.of(NAN, NAN), 3).toDoubleArray())
        .containsExactly(NAN, 3);
    assertThat(Tensor.where(condition, Tensor.ones(3, 1), Tensor.zeros(2)).shape())
        .isEqualTo(Shape.of(3, 2));
    assertThatThrownBy(() -> Tensor.where(Tensor.of(1), Tensor.of(1), Tensor.of(1)))
        .isInstanceOf(DTypeException.class)
        .hasMessage(
            "where: the condition must be bool, got i32[1]. Compare it: condition.notEqual(0)");
  }

  @BackendTest
  void castsConvert() {
    Tensor x = Tensor.of(-1.9, -0.5, 0.0, 1.9);
    assertThat(x.cast(DType.I32).toIntArray()).containsExactly(-1, 0, 0, 1);
    assertThat(x.cast(DType.BOOL).toBooleanArray()).containsExactly(true, true, false, true);
    assertThat(Tensor.of(true, false).cast(DType.F32).toFloatArray()).containsExactly(1, 0);
    assertThat(Tensor.of(1L << 32).cast(DType.I32).toIntArray()).containsExactly(0);
    assertThat(Tensor.of(1e30, -1e30, NAN).cast(DType.I32).toIntArray())
        .containsExactly(Integer.MAX_VALUE, Integer.MIN_VALUE, 0);
    assertThat(Tensor.of(1e30, -1e30, NAN).cast(DType.I64).toLongArray())
        .containsExactly(Long.MAX_VALUE, Long.MIN_VALUE, 0);
  }

  @BackendTest
  void whatChangesNothingClosesAlone() {
    Tensor x = Tensor.of(1.0, 2.0);
    Tensor same = x.cast(DType.F64);
    x.close();
    assertThat(same.toDoubleArray()).containsExactly(1, 2);
  }

  @BackendTest
  void shapesThatDoNotBroadcastAreNamed() {
    assertThatThrownBy(() -> Tensor.ones(DType.F32, 3, 2).add(Tensor.ones(DType.F32, 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("add: shapes do not broadcast: f32[3, 2] and f32[4] (axis -1: 2 against 4).");
    assertThatThrownBy(() -> Tensor.ones(DType.F32, 16, 64).mul(Tensor.ones(DType.F32, 16)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "mul: shapes do not broadcast: f32[16, 64] and f32[16] (axis -1: 64 against 16)."
                + " Axes are aligned from the last one; expandDims(1) aligns the second operand"
                + " with rows.");
  }

  @BackendTest
  void bitsOfFloatingTensorsAreRefused() {
    assertThatThrownBy(() -> Tensor.of(1.0).and(Tensor.of(1)))
        .isInstanceOf(DTypeException.class)
        .hasMessage("and: expected bool or integers, got f64[1] and i32[1]");
    assertThatThrownBy(() -> Tensor.of(true).shiftLeft(Tensor.of(true)))
        .isInstanceOf(DTypeException.class)
        .hasMessage("shiftLeft: expected integers, got bool[1] and bool[1]");
  }
}
