package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.ShapeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Errors begin with the method that was called, not with one that it is made of. */
class ArgumentErrorsTest {
  private static final Tensor MATRIX = Tensor.of(2.0, 0.0, 1.0, 3.0).reshape(2, 2);

  private static void assertStarts(String text, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(LockstepException.class).message().startsWith(text);
  }

  @Test
  void shapesOfNewTensors() {
    assertStarts("zeros: extents must not be negative, got [2, -1]", () -> Tensor.zeros(2, -1));
    assertStarts("ones: extents must not be negative", () -> Tensor.ones(DType.I32, -1));
    assertStarts("full: the number of elements overflows", () -> Tensor.full(1, 1L << 62, 8));
    assertStarts("eye: the number of elements overflows", () -> Tensor.eye(1L << 32));
    assertStarts("eye: extents must not be negative", () -> Tensor.eye(DType.F64, -1, 2));
    assertStarts("arange: the number of elements overflows", () -> Tensor.arange(1L << 62));
    assertStarts("iota: extents must not be negative", () -> Tensor.iota(DType.I32, 0, -1));
    assertStarts(
        "broadcastTo: the number of elements overflows",
        () -> MATRIX.broadcastTo(Long.MAX_VALUE, 2, 2));
    assertStarts(
        "dynamicSlice: extents must not be negative",
        () -> MATRIX.dynamicSlice(Tensor.of(0, 0), new long[] {1, -1}));
    assertStarts("zeros: rank 17 is above the limit of 16", () -> Tensor.zeros(new long[17]));
  }

  @Test
  void countingInBooleans() {
    assertThatThrownBy(() -> Tensor.iota(DType.BOOL, 0, 2))
        .isInstanceOf(DTypeException.class)
        .hasMessage("iota: expected a dtype of numbers, got bool");
  }

  @Test
  void axesOfShapes() {
    Shape shape = Shape.of(2, 3);
    assertThat(shape.insert(2, 4)).isEqualTo(Shape.of(2, 3, 4));
    assertThatThrownBy(() -> shape.extent(2))
        .isInstanceOf(AxisException.class)
        .hasMessage("extent: axis 2 is out of range for shape [2, 3]; expected 0 <= axis < 2");
    assertThatThrownBy(() -> shape.insert(-1, 4))
        .isInstanceOf(AxisException.class)
        .hasMessage("insert: axis -1 is out of range for shape [2, 3]; expected 0 <= axis < 3");
    assertThatThrownBy(() -> Shape.of().remove(0))
        .isInstanceOf(AxisException.class)
        .hasMessage("remove: axis 0 is out of range for shape []; expected 0 <= axis < 0");
  }

  @Test
  void linearAlgebra() {
    assertStarts(
        "triangularSolveChecked: expected square matrices",
        () -> LinAlg.triangularSolveChecked(Tensor.ones(2, 3), MATRIX, Triangle.LOWER));
    LinAlg.Lu factors = LinAlg.lu(MATRIX);
    LinAlg.Lu mixed = new LinAlg.Lu(factors.p(), Tensor.ones(DType.F64, 2, 3), factors.u());
    assertThatThrownBy(() -> LinAlg.luSolve(mixed, MATRIX))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "luSolve: expected factors of one shape, got p f64[2, 2], l f64[2, 3] and u f64[2, 2]");
    assertStarts(
        "luSolve: batch axes",
        () -> LinAlg.luSolve(LinAlg.lu(MATRIX.broadcastTo(3, 2, 2)), MATRIX.broadcastTo(4, 2, 2)));
  }

  @Test
  void networks() {
    Tensor ids = Tensor.of(0.0, 1.0);
    assertStarts("embedding: indices must be integers", () -> Nn.embedding(MATRIX, ids));
    assertStarts("embedding: ", () -> Nn.embedding(MATRIX, Tensor.of(2)));
    Tensor scalar = Tensor.scalar(1.0);
    assertStarts(
        "crossEntropy: expected logits with an axis of classes",
        () -> Nn.crossEntropy(scalar, scalar));
  }

  @Test
  void draws() {
    Key key = Key.of(0);
    assertStarts("normal: extents must not be negative", () -> key.normal(-1));
    assertStarts("bits: extents must not be negative", () -> key.bits(DType.I32, 2, -1));
    assertStarts("choice: extents must not be negative", () -> key.choice(MATRIX, -1));
    assertStarts("beta: extents must not be negative", () -> key.beta(1, 2, -1));
    Key bad = new Key(Tensor.of(1f, 2f), Key.Mode.PARTITIONABLE);
    assertStarts("split: expected a key of words i32[2] or i32[…, 2], got f32[2]", bad::split);
  }

  @Test
  void scalars() {
    Tensor x = Tensor.of(1, 2);
    assertStarts("clip: 4294967296 does not fit in i32", () -> x.clip(0, 1L << 32));
    assertThat(Tensor.of(true, false).clip(0L, 5L).toLongArray()).containsExactly(1, 0);
    assertThat(MATRIX.quantile(Tensor.of(0L, 1L), 0).toDoubleArray()).containsExactly(1, 0, 2, 3);
  }

  @Test
  void theLargestStepsTakeOneElement() {
    assertThat(MATRIX.get(Index.every(Long.MIN_VALUE)).toDoubleArray()).containsExactly(1, 3);
    assertThat(MATRIX.get(Index.every(Long.MAX_VALUE)).toDoubleArray()).containsExactly(2, 0);
  }

  @Test
  void nothingInPlaceOfArguments() {
    assertThatThrownBy(() -> MATRIX.sumKeepDims((int[]) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("axes");
    assertThatThrownBy(() -> MATRIX.get(Index.at(0), null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("index");
  }
}
