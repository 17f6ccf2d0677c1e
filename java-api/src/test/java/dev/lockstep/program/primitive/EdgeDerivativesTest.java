package dev.lockstep.program.primitive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Checks derivatives where they are a matter of convention, or where a formula would give NaN. */
class EdgeDerivativesTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  @Test
  void equalOperandsOfMaximumShareTheDerivative() {
    assertThat(derivative(x -> x.maximum(Tensor.of(1.0, 2.0, 3.0)), 2, 2, 2))
        .containsExactly(1, 0.5, 0);
    assertThat(derivative(x -> x.minimum(Tensor.of(1.0, 2.0, 3.0)), 2, 2, 2))
        .containsExactly(0, 0.5, 1);
    assertThat(derivative(x -> Tensor.of(1.0, 2.0, 3.0).maximum(x), 2, 2, 2))
        .containsExactly(1, 0.5, 0);
  }

  @Test
  void equalElementsOfMaxShareTheDerivative() {
    double[] direction = {1, 2, 4};
    assertThat(along(x -> x.max(), direction, 5, 5, 1)).containsExactly(1.5);
    assertThat(along(x -> x.min(), direction, 5, 1, 1)).containsExactly(3);
    assertThat(along(x -> x.max(), direction, 5, 6, 1)).containsExactly(2);
  }

  @Test
  void absAndSignHaveDerivativeZeroAtZero() {
    assertThat(derivative(Tensor::abs, 0, -2, 2)).containsExactly(0, -1, 1);
    assertThat(derivative(x -> x.sign().mul(x), 0, -2, 2)).containsExactly(0, -1, 1);
  }

  @Test
  void powIsSafeAtZero() {
    assertThat(derivative(x -> x.pow(Tensor.of(0.0, 1.0, 2.0)), 0, 0, 0)).containsExactly(0, 1, 0);
    assertThat(derivative(x -> x.pow(2), -3, 0, 3)).containsExactly(-6, 0, 6);
    assertThat(derivative(x -> x.pow(0), -3, 0, 3)).containsExactly(0, 0, 0);
    assertThat(derivative(x -> Tensor.of(0.0, 0.0).pow(x), 2, 0.5)).containsExactly(0, 0);
    assertThat(second(x -> x.pow(2), -3, 0, 3)).containsExactly(2, 2, 2);
    assertThat(second(x -> x.pow(3), -3, 0, 3)).containsExactly(-18, 0, 18);
  }

  @Test
  void productsWithZerosHaveExactDerivatives() {
    assertThat(gradientOfProd(2, 0, 5)).containsExactly(0, 10, 0);
    assertThat(gradientOfProd(0, 0, 5)).containsExactly(0, 0, 0);
    assertThat(gradientOfProd(2, 3, 5, 7, 11)).containsExactly(1155, 770, 462, 330, 210);
    assertThat(gradientOfProd(4)).containsExactly(1);
  }

  @Test
  void hypotHasDerivativeZeroAtTheOrigin() {
    assertThat(derivative(x -> x.hypot(Tensor.of(0.0, 4.0)), 0, 3)).containsExactly(0, 0.6);
  }

  @Test
  void whereDoesNotLeakFromTheBranchNotTaken() {
    Tensor taken = Tensor.of(true, false);
    Tensor branch = Tensor.of(1.0, NAN);
    List<Tensor> back =
        reference(() ->
            Rule.transpose(
                new Where(),
                List.of(taken, Tensor.of(1.0, 1.0), Tensor.of(1.0, 1.0)),
                List.of(1, 2),
                branch));
    assertThat(back.get(1).toDoubleArray()).containsExactly(1, 0);
    assertThat(back.get(2).toDoubleArray()).containsExactly(0, NAN);
  }

  @Test
  void maxTakesNoTangentOfSmallerElements() {
    double[] direction = {NAN, 1};
    assertThat(along(x -> x.max(), direction, 1, 2)).containsExactly(1);
  }

  @Test
  void compositesHaveSafeDerivatives() {
    assertThat(derivative(Tensor::relu, -1, 0, 2)).containsExactly(0, 0, 1);
    assertThat(derivative(Tensor::softplus, -800, 0, 800)).containsExactly(0, 0.5, 1);
    assertThat(second(Tensor::softplus, -800, 0, 800)).containsExactly(0, 0.25, 0);
    assertThat(derivative(x -> x.logAddExp(Tensor.of(1.0, -INF)), 1, -INF)[0]).isEqualTo(0.5);
    double[] direction = {1, 0};
    assertThat(along(x -> x.logSumExp(), direction, -INF, 0)).containsExactly(0);
    assertThat(along(x -> x.softmax(0), direction, 1000, 1000)).containsExactly(0.25, -0.25);
    assertThat(along(x -> x.logSoftmax(0), direction, 1000, 1000)).containsExactly(0.5, -0.5);
  }

  private static double[] gradientOfProd(double... x) {
    double[] gradient = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double[] direction = new double[x.length];
      direction[i] = 1;
      gradient[i] = along(t -> t.prod(), direction, x)[0];
    }
    return gradient;
  }

  private static double[] derivative(Function<Tensor, Tensor> f, double... x) {
    double[] ones = new double[x.length];
    Arrays.fill(ones, 1);
    return along(f, ones, x);
  }

  private static double[] second(Function<Tensor, Tensor> f, double... x) {
    return reference(() -> {
      Tensor at = Tensor.of(x);
      Tensor ones = Tensor.ones(at.dtype(), x.length);
      Traced first =
          Trace.trace(
              "jvp",
              List.of(at.type(), ones.type()),
              null,
              arguments -> List.of(push(f, arguments.get(0), arguments.get(1))));
      return pushed(first, List.of(at, ones), Arrays.asList(ones, null)).toDoubleArray();
    });
  }

  private static double[] along(Function<Tensor, Tensor> f, double[] direction, double... x) {
    return reference(() -> push(f, Tensor.of(x), Tensor.of(direction)).toDoubleArray());
  }

  private static Tensor push(Function<Tensor, Tensor> f, Tensor x, Tensor direction) {
    Traced traced =
        Trace.trace(
            "jvp", List.of(x.type()), null, arguments -> List.of(f.apply(arguments.getFirst())));
    return pushed(traced, List.of(x), List.of(direction));
  }

  private static Tensor pushed(Traced traced, List<Tensor> arguments, List<Tensor> tangents) {
    List<Tensor> all = new ArrayList<>(tangents);
    traced.captured().forEach(_ -> all.add(null));
    Tensor tangent = Rule.jvp(traced.program(), traced.with(arguments), all);
    return tangent == null
        ? Tensor.zeros(
            arguments.getFirst().dtype(),
            traced.program().outputs().getFirst().type().shape().extents())
        : tangent;
  }

  private static <R> R reference(ScopedValue.CallableOp<R, RuntimeException> body) {
    return Backends.with(ReferenceBackend.INSTANCE, body);
  }
}
