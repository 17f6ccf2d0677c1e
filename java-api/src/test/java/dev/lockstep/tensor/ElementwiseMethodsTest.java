package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Elementwise methods that no other test calls by name. */
class ElementwiseMethodsTest {
  private static final double EULER_GAMMA = 0.577215664901532860606512;

  @Test
  void truncRoundsTowardsZero() {
    assertThat(Tensor.of(-1.7, -0.2, 0.2, 1.7).trunc().toDoubleArray())
        .containsExactly(-1, -0.0, 0, 1);
  }

  @Test
  void isInfFindsBothInfinities() {
    Tensor x = Tensor.of(1, Double.POSITIVE_INFINITY, Double.NaN, Double.NEGATIVE_INFINITY);
    assertThat(x.isInf().toBooleanArray()).containsExactly(false, true, false, true);
  }

  @Test
  void erfInvUndoesErf() {
    double[] x = {-1.5, -0.25, 0.5, 2};
    assertThat(Tensor.of(x).erf().erfInv().toDoubleArray()[3]).isCloseTo(2, within(1e-12));
    assertThat(Tensor.of(1.0).erfInv().item()).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void digammaOfOneIsMinusEulersConstant() {
    assertThat(Tensor.of(1.0).digamma().item()).isCloseTo(-EULER_GAMMA, within(1e-15));
  }
}
