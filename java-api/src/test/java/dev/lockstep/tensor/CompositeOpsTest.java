package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.primitive.BackendTest;

/** Checks composed methods against their definitions, and where these would overflow. */
class CompositeOpsTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  @BackendTest
  void moreActivationsMeetTheirDefinitions() {
    Tensor x = Tensor.of(-2.0, 0.0, 3.0, NAN);
    assertClose(x.geluTanh(), -0.04540230591222494, 0, 2.996362607918227, NAN);
    assertClose(x.elu(0.5), 0.5 * Math.expm1(-2), 0, 3, NAN);
    assertClose(Tensor.of(-800.0, 800).elu(1), -1, 800);
    assertClose(x.leakyRelu(0.25), -0.5, 0, 3, NAN);
  }

  @BackendTest
  void nanToNumIsFinite() {
    assertThat(Tensor.of(NAN, INF, -INF, 2).nanToNum().toDoubleArray())
        .containsExactly(0, Double.MAX_VALUE, -Double.MAX_VALUE, 2);
    assertThat(Tensor.of(Float.NEGATIVE_INFINITY).nanToNum().toFloatArray())
        .containsExactly(-Float.MAX_VALUE);
    assertThat(Tensor.of(3).nanToNum().toIntArray()).containsExactly(3);
  }

  @BackendTest
  void degreesOfFreedomAreSubtracted() {
    Tensor x = Tensor.of(1.0, 2, 3, 4);
    assertThat(x.varDdof(1).item()).isCloseTo(5.0 / 3, within(1e-15));
    assertThat(x.varDdof(0).item()).isEqualTo(1.25);
    assertThat(x.varDdof(5).item()).isNaN();
    assertThat(x.reshape(2, 2).varDdofKeepDims(1, 1).toNested())
        .isEqualTo(new double[][] {{0.5}, {0.5}});
    assertThat(x.stdDdofKeepDims(1).shape()).isEqualTo(Shape.of(1));
    assertThat(x.stdDdof(1).item()).isCloseTo(Math.sqrt(5.0 / 3), within(1e-15));
    assertThat(x.reshape(1, 4).varDdof(1, 0).toDoubleArray()).containsOnly(NAN);
  }

  @BackendTest
  void activationsMeetTheirDefinitions() {
    Tensor x = Tensor.of(-2.0, 0.0, 3.0, NAN);
    assertThat(x.relu().toDoubleArray()).containsExactly(0, 0, 3, NAN);
    assertClose(x.silu(), -2 / (1 + Math.exp(2)), 0, 3 / (1 + Math.exp(-3)), NAN);
    assertClose(x.gelu(), -0.04550026389635842, 0, 2.9959503059051097, NAN);
    assertClose(
        x.softplus(), Math.log1p(Math.exp(-2)), Math.log(2), 3 + Math.log1p(Math.exp(-3)), NAN);
    assertClose(Tensor.of(-800.0, 800.0, -50.0).softplus(), 0, 800, Math.exp(-50));
    assertThat(Tensor.of(-3, 4).relu().toIntArray()).containsExactly(0, 4);
    assertThat(Tensor.of(false, true).relu().toLongArray()).containsExactly(0, 1);
    assertThat(Tensor.of(false, true).relu().dtype()).isEqualTo(DType.I64);
    assertThat(x.clip(-1, 1.5).toDoubleArray()).containsExactly(-1, 0, 1.5, NAN);
    assertThat(Tensor.of(-3, 4).clip(0, 2).toIntArray()).containsExactly(0, 2);
  }

  @BackendTest
  void logAddExpDoesNotOverflow() {
    Tensor x = Tensor.of(1000.0, -1000.0, INF, -INF, -INF, 0.0, NAN);
    Tensor y = Tensor.of(1000.0, -1001.0, INF, -INF, 2.0, -40.0, 1.0);
    assertClose(
        x.logAddExp(y),
        1000 + Math.log(2),
        -1000 + Math.log1p(Math.exp(-1)),
        INF,
        -INF,
        2,
        Math.exp(-40),
        NAN);
  }

  @BackendTest
  void quotientsAndRemaindersRoundDown() {
    Tensor x = Tensor.of(7, -7, 7, -7, 6);
    Tensor y = Tensor.of(3, 3, -3, -3, -3);
    assertThat(x.floorDiv(y).toIntArray()).containsExactly(2, -3, -3, 2, -2);
    assertThat(x.floorMod(y).toIntArray()).containsExactly(1, 2, -2, -1, 0);
    Tensor a = Tensor.of(7.5, -7.5, 7.5);
    Tensor b = Tensor.of(2.0, 2.0, -2.0);
    assertThat(a.floorDiv(b).toDoubleArray()).containsExactly(3, -4, -4);
    assertThat(a.floorMod(b).toDoubleArray()).containsExactly(1.5, 0.5, -0.5);
    assertThat(Tensor.of(-7).floorMod(3).toIntArray()).containsExactly(2);
    assertThat(Tensor.of(-7).floorDiv(2.0).toDoubleArray()).containsExactly(-4);
    assertThatThrownBy(() -> Tensor.of(true).floorDiv(Tensor.of(true)))
        .isInstanceOf(DTypeException.class);
  }

  @BackendTest
  void statisticsOverAxes() {
    Tensor x = Tensor.of(new double[][] {{1, 2, 3}, {4, 6, 8}});
    assertClose(x.var(1), 2.0 / 3, 8.0 / 3);
    assertClose(x.std(0), 1.5, 2, 2.5);
    assertClose(x.norm(), Math.sqrt(130));
    assertThat(x.varKeepDims(1).shape()).isEqualTo(Shape.of(2, 1));
    assertThat(x.stdKeepDims().shape()).isEqualTo(Shape.of(1, 1));
    assertThat(Tensor.of(3, 4).norm().item()).isEqualTo(5);
    assertThatThrownBy(() -> x.std(2))
        .isInstanceOf(AxisException.class)
        .hasMessageStartingWith("std:");
  }

  @BackendTest
  void softmaxAndLogSumExpDoNotOverflow() {
    Tensor x = Tensor.of(new double[][] {{1000, 1000}, {-INF, 0}});
    assertThat(x.softmax(1).toNested()).isEqualTo(new double[][] {{0.5, 0.5}, {0, 1}});
    assertClose(x.logSumExp(1), 1000 + Math.log(2), 0);
    assertClose(x.logSoftmax(-1).flatten(), -Math.log(2), -Math.log(2), -INF, 0);
    assertClose(Tensor.of(-INF, -INF).logSumExp(), -INF);
    assertClose(Tensor.of(INF, 1).logSumExp(), INF);
    assertThat(x.logSumExpKeepDims(0).shape()).isEqualTo(Shape.of(1, 2));
    assertThat(Tensor.of(0f, 0f).softmax(0).toFloatArray()).containsExactly(0.5f, 0.5f);
    assertThat(Tensor.zeros(0).softmax(0).shape()).isEqualTo(Shape.of(0));
    assertThat(Tensor.zeros(DType.I32, 2, 0).logSoftmax(1).type())
        .isEqualTo(TensorType.of(DType.F64, 2, 0));
    assertClose(Tensor.zeros(DType.F64, 2, 0).logSumExp(1), -INF, -INF);
    assertThat(Tensor.zeros(2, 0).logSumExpKeepDims(1).shape()).isEqualTo(Shape.of(2, 1));
    assertThatThrownBy(() -> Tensor.scalar(1f).softmax(0))
        .isInstanceOf(ShapeException.class)
        .hasMessage("softmax: a scalar has no axis 0, got f32[]. Use flatten()");
  }

  private static void assertClose(Tensor got, double... want) {
    double[] elements = got.toDoubleArray();
    assertThat(elements).hasSameSizeAs(want);
    for (int i = 0; i < want.length; i++) {
      if (Double.isFinite(want[i])) {
        assertThat(elements[i]).isCloseTo(want[i], within(4 * Math.ulp(want[i]) + 1e-300));
      } else {
        assertThat(elements[i]).isEqualTo(Double.valueOf(want[i]));
      }
    }
  }
}
