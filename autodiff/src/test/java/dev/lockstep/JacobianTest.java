package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.SECOND;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.differences;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JacobianTest extends EveryBackend {
  record Layer(Tensor w, Tensor b) {}

  static Stream<Named<Fn<Tensor, Tensor>>> functions() {
    return Stream.of(
        Named.of("vector to vector", x -> x.sin().mul(x.get(0))),
        Named.of("vector to scalar", x -> x.square().sum().tanh()),
        Named.of("vector to matrix", x -> x.expandDims(1).mul(x.exp())),
        Named.of("identity", x -> x),
        Named.of("constant", x -> vector(1, 2)),
        Named.of("not differentiable", x -> x.sign()));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void bothModesAgreeWithDifferences(Fn<Tensor, Tensor> f) {
    Tensor x = random(3, 4);
    Tensor expected = differences(f, x);
    assertClose(jacfwd(f).apply(x), expected, 1e-8);
    assertClose(jacrev(f).apply(x), expected, 1e-8);
  }

  @Test
  void ofAScalarFunctionOfAScalar() {
    assertClose(jacfwd(Tensor::sin).apply(scalar(1)), Math.cos(1));
    assertClose(jacrev(Tensor::sin).apply(scalar(1)), Math.cos(1));
    Fn<Tensor, Tensor> powers = x -> Tensor.stack(0, x, x.square());
    assertEqual(jacfwd(powers).apply(scalar(3)), 1, 6);
    assertEqual(jacrev(powers).apply(scalar(3)), 1, 6);
  }

  @Test
  void ofTheNotebook() {
    Fn2<Tensor, Tensor, Tensor> g = (x, y) -> Tensor.stack(0, x.sub(y), x.add(y.square()));
    assertEqual(jacrev(g).apply(scalar(3), scalar(3)), 1, 1);
    assertEqual(jacrev(g, SECOND).apply(scalar(3), scalar(3)), -1, 6);
    Tensor whole = jacfwd((Tensor xy) -> g.apply(xy.get(0), xy.get(1))).apply(vector(3, 3));
    assertEqual(whole, 1, -1, 1, 6);
  }

  @Test
  void ofALayerWithRespectToItsParameters() {
    Layer layer = new Layer(random(0, 2, 3), random(1, 2));
    Tensor x = random(2, 3);
    Fn<Layer, Tensor> f = l -> l.w().matmul(x).add(l.b()).tanh();
    for (Layer jacobian : List.of(jacfwd(f).apply(layer), jacrev(f).apply(layer))) {
      assertThat(jacobian.w().shape()).isEqualTo(Shape.of(2, 2, 3));
      assertClose(
          jacobian.w(), differences(w -> f.apply(new Layer(w, layer.b())), layer.w()), 1e-8);
      assertClose(
          jacobian.b(), differences(b -> f.apply(new Layer(layer.w(), b)), layer.b()), 1e-8);
    }
  }

  /**
   * The Jacobian of X W with respect to W, summed over the outputs, in the notebook's five ways.
   */
  @Test
  void fiveWaysAgree() {
    Tensor x = random(0, 4, 3);
    Tensor w = random(1, 3, 2);
    Fn2<Tensor, Tensor, Tensor> forward = (weights, input) -> input.matmul(weights);
    Tensor expected = jacfwd(forward).apply(w, x);
    assertThat(expected.shape()).isEqualTo(Shape.of(4, 2, 3, 2));
    assertClose(jacrev(forward).apply(w, x), expected);
    assertClose(vmap(jacfwd(forward), in(NONE, 0)).apply(w, x), expected);
    assertClose(vmap(jacrev(forward), in(NONE, 0)).apply(w, x), expected);
    Tensor gradients =
        vmap(vmap(grad(forward), in(-1, NONE), Lockstep.out(-1)), in(NONE, 0)).apply(w, x);
    assertClose(gradients, expected.sum(1));
  }

  @Test
  void hessians() {
    Fn<Tensor, Tensor> f = x -> x.sin().mul(x.get(0)).sum().square();
    Tensor x = random(5, 3);
    Tensor expected = differences(grad(f), x);
    Tensor hessian = hessian(f).apply(x);
    assertClose(hessian, expected, 1e-6);
    assertClose(hessian, hessian.transpose());
    assertClose(jacrev(jacfwd(f)).apply(x), hessian);
    assertClose(jacrev(jacrev(f)).apply(x), hessian);
    assertClose(jacfwd(jacfwd(f)).apply(x), hessian);
    assertClose(jacfwd(grad(f)).apply(x), hessian);
  }

  @Test
  void hessiansOfVectorFunctionsAndOtherArguments() {
    Fn<Tensor, Tensor> cube = x -> x.mul(x).mul(x);
    Tensor hessian = hessian(cube).apply(vector(1, 2));
    assertThat(hessian.shape()).isEqualTo(Shape.of(2, 2, 2));
    assertEqual(hessian, 6, 0, 0, 0, 0, 0, 0, 12);
    Fn2<Tensor, Tensor, Tensor> f = (a, x) -> x.square().mul(a).sum();
    assertEqual(hessian(f, SECOND).apply(vector(3, 4), vector(1, 1)), 6, 0, 0, 8);
    assertEqual(hessian(f).apply(vector(3, 4), vector(1, 1)), 0, 0, 0, 0);
  }

  @Test
  void dtypesOfResults() {
    Tensor x = Tensor.of(1f, 2f);
    Fn<Tensor, Tensor> f = t -> t.cast(DType.F64).square();
    assertThat(jacfwd(f).apply(x).dtype()).isEqualTo(DType.F64);
    assertThat(jacrev(f).apply(x).dtype()).isEqualTo(DType.F32);
    assertEqual(jacrev(f).apply(x), 2, 0, 0, 4);
  }

  @Test
  void emptyTensors() {
    Tensor none = random(0, 0);
    assertThat(jacfwd((Tensor x) -> x.sin()).apply(none).shape()).isEqualTo(Shape.of(0, 0));
    assertThat(jacrev((Tensor x) -> x.sin()).apply(none).shape()).isEqualTo(Shape.of(0, 0));
    assertThat(jacfwd((Tensor x) -> x.sum()).apply(none).shape()).isEqualTo(Shape.of(0));
    assertThat(jacrev((Tensor x) -> x.sum()).apply(none).shape()).isEqualTo(Shape.of(0));
  }
}
