package dev.lockstep.examples;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.Optimizers;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Tensor;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The examples' results against closed forms, published values and bounds. */
class ExamplesTest {
  private static void assertElements(Tensor actual, double tolerance, double... expected) {
    assertThat(actual.toDoubleArray()).containsExactly(expected, within(tolerance));
  }

  private static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  private static double distribution(double x) {
    return (1 + Tensor.scalar(x / Math.sqrt(2)).erf().item()) / 2;
  }

  @Test
  void greeksAreTheirClosedForms() {
    BlackScholes.Result result = BlackScholes.compute();
    BlackScholes.Inputs by = result.options().gradient();
    for (int i = 0; i < result.quantity().size(); i++) {
      int row = i;
      ToDoubleFunction<Tensor> at = tensor -> tensor.get(row).item();
      double sign = at.applyAsDouble(result.sign());
      double spot = at.applyAsDouble(result.inputs().spot());
      double years = at.applyAsDouble(result.inputs().years());
      double rate = at.applyAsDouble(result.inputs().rate());
      double volatility = at.applyAsDouble(result.inputs().volatility());
      double strike = at.applyAsDouble(result.inputs().strike());
      double deviation = volatility * Math.sqrt(years);
      double d1 = Math.log(spot / strike) / deviation + rate * years / deviation + deviation / 2;
      double second = distribution(sign * (d1 - deviation));
      double discount = Math.exp(-rate * years);
      double delta = sign * distribution(sign * d1);
      double rho = sign * strike * years * discount * second;
      double decay = spot * density(d1) * volatility / (2 * Math.sqrt(years));
      assertThat(at.applyAsDouble(result.options().value()))
          .isCloseTo(delta * spot - sign * strike * discount * second, within(1e-10));
      assertThat(at.applyAsDouble(by.spot())).isCloseTo(delta, within(1e-10));
      assertThat(at.applyAsDouble(by.strike())).isCloseTo(-sign * discount * second, within(1e-10));
      assertThat(at.applyAsDouble(by.years())).isCloseTo(decay + rate / years * rho, within(1e-9));
      assertThat(at.applyAsDouble(by.rate())).isCloseTo(rho, within(1e-9));
      assertThat(at.applyAsDouble(by.volatility()))
          .isCloseTo(spot * density(d1) * Math.sqrt(years), within(1e-9));
    }
    // Hull, Options, Futures, and Other Derivatives, example 15.6: 4.76 and 0.81.
    assertThat(result.options().value().get(3).item()).isCloseTo(4.76, within(0.005));
    assertThat(result.options().value().get(4).item()).isCloseTo(0.81, within(0.005));
  }

  @Test
  void irisesAreTold() {
    IrisRegression.Result result = IrisRegression.compute();
    assertThat(result.firstLoss()).isCloseTo(Math.log(3), within(1e-12));
    assertThat(result.lastLoss()).isLessThan(0.08);
    assertThat(result.trained()).isGreaterThanOrEqualTo(0.96);
    assertThat(result.tested()).isGreaterThanOrEqualTo(0.94);
  }

  @Test
  void digitsAreRead() {
    DigitsNetwork.Result result = DigitsNetwork.compute();
    assertThat(result.losses().getFirst()).isGreaterThan(1);
    assertThat(result.losses().getLast()).isLessThan(0.1);
    assertThat(result.accuracy()).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  void noGradientOfPrivateTrainingIsLongerThanTheClip() {
    Digits digits = Digits.shuffled(Key.of(0));
    Key keys = Key.of(4).split();
    Tensor weights = keys.get(0).normal(64, 10);
    Tensor bias = keys.get(1).normal(10);
    for (double scale : new double[] {0.01, 10}) {
      PrivateTraining.Model model = new PrivateTraining.Model(weights.mul(scale), bias.mul(scale));
      for (int i = 0; i < 10; i++) {
        PrivateTraining.Model gradient =
            PrivateTraining.clipped(model, digits.x().get(i), digits.y().get(i));
        assertThat(Optimizers.globalNorm(gradient).item()).isLessThan(1 + 1e-5);
      }
    }
  }

  @Test
  void privateTrainingLearns() {
    assertThat(PrivateTraining.accuracy(0)).isGreaterThanOrEqualTo(0.9);
    assertThat(PrivateTraining.accuracy(10)).isBetween(0.85, 0.97);
    assertThat(PrivateTraining.accuracy(1000)).isLessThan(0.6);
    assertThat(PrivateTraining.epsilon()).isCloseTo(4.017, within(0.001));
  }

  /** NIST's certified values of Misra1a. */
  @Test
  void theCurveIsTheCertifiedOne() {
    CurveFit.Result result = CurveFit.compute();
    assertElements(result.parameters().div(Tensor.of(2.3894212918e2, 5.5015643181e-4)), 1e-8, 1, 1);
    assertElements(result.errors().div(Tensor.of(2.7070075241, 7.2668688436e-6)), 1e-6, 1, 1);
    assertThat(result.squares()).isCloseTo(1.2455138894e-1, within(1e-10));
    assertThat(result.steps()).isLessThan(30);
  }

  /** What R's {@code glm} prints for this model. */
  @Test
  void newtonsMethodFindsTheKnownMaximum() {
    NewtonMethod.Result result = NewtonMethod.compute();
    assertElements(result.coefficients(), 5e-4, -42.638, -2.465, -6.681, 9.429, 18.286);
    assertElements(result.errors(), 5e-4, 25.708, 2.394, 4.480, 4.737, 9.743);
    assertThat(result.gradients()).hasSizeLessThan(20);
  }

  @Test
  void pendulumsHaveTheirPeriods() {
    OdeEnsemble.Result result = OdeEnsemble.compute();
    assertThat(result.drift()).isLessThan(1e-9);
    for (int i = 0; i < result.amplitudes().size(); i++) {
      assertThat(result.period(i)).isCloseTo(result.exactPeriod(i), within(1e-6));
    }
    // A pendulum's period at 90 degrees is 1.18034 times that of small swings.
    assertThat(result.exactPeriod(2) / (2 * Math.PI)).isCloseTo(1.18034, within(1e-5));
  }

  /** Durbin and Koopman, Time Series Analysis by State Space Methods, section 2.10.5. */
  @Test
  void theNilesVariancesAreThePublishedOnes() {
    KalmanFilter.Result result = KalmanFilter.compute();
    Tensor published = Tensor.of(15099.0, 1469.1);
    assertElements(result.logVariances().exp().div(published), 1e-3, 1, 1);
    assertThat(result.gradient().abs().max().item()).isLessThan(1e-6);
  }

  @Test
  void theLikelihoodsGradientIsItsSlope() {
    Tensor flow = Table.read("nile.csv").column("volume");
    Fn<Tensor, Tensor> likelihood = v -> KalmanFilter.filter(v, flow).logLikelihood();
    Tensor at = Tensor.of(8.5, 8.0);
    double[] slopes = new double[2];
    for (int i = 0; i < 2; i++) {
      Tensor by = Tensor.eye(2).get(i).mul(1e-5);
      double up = likelihood.apply(at.add(by)).item();
      slopes[i] = (up - likelihood.apply(at.sub(by)).item()) / 2e-5;
    }
    assertElements(jit(grad(likelihood)).apply(at), 1e-4, slopes);
  }

  @Test
  void aTableNamesWhatItHas() {
    Table nile = Table.read("nile.csv");
    assertThatThrownBy(() -> nile.column("flow"))
        .hasMessage("table: expected one of [year, volume], got flow");
    assertThatThrownBy(() -> Table.read("none.csv"))
        .hasMessage("table: expected a file of the examples, got none.csv");
  }
}
