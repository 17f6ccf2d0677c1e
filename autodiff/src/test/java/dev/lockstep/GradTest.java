package dev.lockstep;

import static dev.lockstep.Lockstep.FIRST;
import static dev.lockstep.Lockstep.FOURTH;
import static dev.lockstep.Lockstep.SECOND;
import static dev.lockstep.Lockstep.THIRD;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.valueAndGrad;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradTest extends EveryBackend {
  record Layer(Tensor w, Tensor b) {}

  private static Tensor loss(Layer layer, Tensor x, Tensor y) {
    return layer.w().matmul(x).add(layer.b()).tanh().sub(y).square().mean();
  }

  static Stream<Named<Fn<Tensor, Tensor>>> composed() {
    return Stream.of(
        Named.of("product", x -> x.sin().mul(x.exp()).sum()),
        Named.of("quotient", x -> x.div(x.square().add(1)).mean()),
        Named.of("chain", x -> x.mul(x).tanh().sum(0).square().sum()),
        Named.of("matmul", x -> x.matmul(x.transpose()).tanh().sum()),
        Named.of("reused", x -> x.mul(x).mul(x).add(x).sum().mul(x.mean())),
        Named.of("softmax", x -> x.exp().div(x.exp().sumKeepDims(1)).mul(random(9, 3, 4)).sum()),
        Named.of("max", x -> x.max(1).mul(x.min(1)).sum()),
        Named.of("where", x -> Tensor.where(x.greater(0), x.square(), x.neg()).sum()),
        Named.of("slices", x -> x.get(1).mul(x.get(0)).sum()),
        Named.of("stack", x -> Tensor.stack(0, x, x.sin(), x).square().mean()),
        Named.of("broadcast", x -> x.sum(0).broadcastTo(5, 4).cos().sum()),
        Named.of("log", x -> x.square().add(1).log().sqrt().sum()));
  }

  @ParameterizedTest
  @MethodSource("composed")
  void agreesWithDifferences(Fn<Tensor, Tensor> f) {
    Tensor x = random(7, 3, 4);
    assertClose(grad(f).apply(x), Tensors.differences(f, x), 1e-7);
  }

  @Test
  void derivativesOfPowers() {
    Fn<Tensor, Tensor> cube = x -> x.mul(x).mul(x);
    assertClose(grad(cube).apply(scalar(2)), 12);
    assertClose(grad(grad(cube)).apply(scalar(2)), 12);
    assertClose(grad(grad(grad(cube))).apply(scalar(2)), 6);
    assertClose(grad(grad(grad(grad(cube)))).apply(scalar(2)), 0);
  }

  @Test
  void derivativesOfSine() {
    Fn<Tensor, Tensor> sin = Tensor::sin;
    assertClose(grad(sin).apply(scalar(0.7)), Math.cos(0.7));
    assertClose(grad(grad(sin)).apply(scalar(0.7)), -Math.sin(0.7));
    assertClose(grad(grad(grad(sin))).apply(scalar(0.7)), -Math.cos(0.7));
  }

  @Test
  void theGradientOfARecordIsARecord() {
    Layer layer = new Layer(random(0, 2, 3), random(1, 2));
    Tensor x = random(2, 3);
    Tensor y = random(3, 2);
    Fn3<Layer, Tensor, Tensor, Layer> gradient = grad(GradTest::loss);
    Layer result = gradient.apply(layer, x, y);
    assertClose(
        result.w(), Tensors.differences(w -> loss(new Layer(w, layer.b()), x, y), layer.w()), 1e-8);
    assertClose(
        result.b(), Tensors.differences(b -> loss(new Layer(layer.w(), b), x, y), layer.b()), 1e-8);
  }

  @Test
  void valueAndGradientTogether() {
    Layer layer = new Layer(random(0, 2, 3), random(1, 2));
    Tensor x = random(2, 3);
    Tensor y = random(3, 2);
    ValueAndGrad<Layer> both = valueAndGrad(GradTest::loss).apply(layer, x, y);
    assertClose(both.value(), loss(layer, x, y));
    assertClose(both.gradient().w(), grad(GradTest::loss).apply(layer, x, y).w());
    ValueAndGrad<Tensor> third = valueAndGrad(GradTest::loss, THIRD).apply(layer, x, y);
    assertClose(third.gradient(), Tensors.differences(t -> loss(layer, x, t), y), 1e-8);
  }

  @Test
  void markersChooseTheArgument() {
    Fn2<Tensor, Tensor, Tensor> f = (x, y) -> x.add(y.square());
    assertClose(grad(f).apply(scalar(3), scalar(3)), 1);
    assertClose(grad(f, FIRST).apply(scalar(3), scalar(3)), 1);
    assertClose(grad(f, SECOND).apply(scalar(3), scalar(3)), 6);
    Fn4<Tensor, Tensor, Tensor, Tensor, Tensor> g = (a, b, c, d) -> a.mul(b).add(c.mul(d));
    Tensor[] x = {scalar(2), scalar(3), scalar(5), scalar(7)};
    assertClose(grad(g, FIRST).apply(x[0], x[1], x[2], x[3]), 3);
    assertClose(grad(g, SECOND).apply(x[0], x[1], x[2], x[3]), 2);
    assertClose(grad(g, THIRD).apply(x[0], x[1], x[2], x[3]), 7);
    assertClose(grad(g, FOURTH).apply(x[0], x[1], x[2], x[3]), 5);
  }

  @Test
  void severalArgumentsThroughATree() {
    Fn<List<Tensor>, Tensor> f = t -> t.get(0).mul(t.get(1));
    List<Tensor> gradient = grad(f).apply(List.of(scalar(3), scalar(4)));
    assertClose(gradient.get(0), 4);
    assertClose(gradient.get(1), 3);
    Map<String, Tensor> byName =
        grad((Map<String, Tensor> m) -> m.get("x").square().mul(m.get("y")))
            .apply(Map.of("x", scalar(3), "y", scalar(4)));
    assertClose(byName.get("x"), 24);
    assertClose(byName.get("y"), 9);
  }

  @Test
  void unusedInputsHaveZeroGradients() {
    Fn<List<Tensor>, Tensor> f = t -> t.get(0).sum();
    List<Tensor> gradient = grad(f).apply(List.of(vector(1, 2), vector(3, 4, 5)));
    assertEqual(gradient.get(0), 1, 1);
    assertEqual(gradient.get(1), 0, 0, 0);
    assertEqual(grad((Tensor x) -> scalar(5)).apply(vector(1, 2)), 0, 0);
    assertEqual(grad((Tensor x) -> x.stopGradient().sum()).apply(vector(1, 2)), 0, 0);
    assertEqual(grad((Tensor x) -> x.greater(0).cast(DType.F64).sum()).apply(vector(1, 2)), 0, 0);
  }

  @Test
  void theIdentityHasGradientOne() {
    assertClose(grad((Tensor x) -> x).apply(scalar(3)), 1);
  }

  @Test
  void dtypesAreKept() {
    Tensor x = Tensor.of(1f, 2f);
    Tensor gradient = grad((Tensor t) -> t.mul(2.5).sum()).apply(x);
    assertThat(gradient.dtype()).isEqualTo(DType.F32);
    assertEqual(gradient, 2.5, 2.5);
    Tensor mixed = grad((Tensor t) -> t.mul(vector(1, 2)).sum()).apply(x);
    assertThat(mixed.dtype()).isEqualTo(DType.F32);
    assertEqual(mixed, 1, 2);
  }

  @Test
  void integersMayBeCaptured() {
    Tensor counts = Tensor.of(2, 3);
    assertEqual(grad((Tensor x) -> x.mul(counts).sum()).apply(vector(1, 1)), 2, 3);
    Fn2<Tensor, Tensor, Tensor> f = (x, n) -> x.mul(n).sum();
    assertEqual(grad(f).apply(vector(1, 1), counts), 2, 3);
  }

  @Test
  void theBranchNotTakenLeaksNoNan() {
    Fn<Tensor, Tensor> f = x -> Tensor.where(x.greater(0), x.log(), x.mul(0)).sum();
    assertEqual(grad(f).apply(vector(2, -1)), 0.5, 0);
  }

  @Test
  void aSpreadOfTooFewElementsLeaksNoNan() {
    for (long ddof : new long[] {3, 4}) {
      assertEqual(grad((Tensor x) -> x.varDdof(ddof)).apply(vector(1, 2, 4)), 0, 0, 0);
      assertEqual(grad((Tensor x) -> x.stdDdof(ddof)).apply(vector(1, 2, 4)), 0, 0, 0);
      assertThat(vector(1, 2, 4).stdDdof(ddof).item()).isNaN();
    }
  }

  @Test
  void emptyTensors() {
    Tensor gradient = grad((Tensor x) -> x.square().sum()).apply(random(0, 0, 3));
    assertThat(gradient.shape().extents()).containsExactly(0, 3);
  }
}
