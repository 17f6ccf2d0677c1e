package dev.lockstep;

import static dev.lockstep.Derivatives.hessianBlocks;
import static dev.lockstep.Derivatives.hvp;
import static dev.lockstep.Derivatives.valueAndJacobian;
import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.TreeException;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Second derivatives of functions of trees, against those of a vector that holds all of it. */
class HessianBlocksTest extends EveryBackend {
  record Layer(Tensor w, Tensor b) {}

  private static final Layer LAYER = new Layer(random(1, 2, 3), random(2, 2));
  private static final Tensor X = random(3, 3);

  private static Tensor loss(Layer layer, Tensor x) {
    return layer.w.matmul(x).add(layer.b).tanh().mul(layer.b).sum();
  }

  private static Layer unpack(Tensor all) {
    return new Layer(
        all.slice(new long[] {0}, new long[] {6}).reshape(2, 3),
        all.slice(new long[] {6}, new long[] {8}));
  }

  private static void assertBlocks(HessianBlocks<Layer> blocks, Tensor whole) {
    long[][] parts = {{0, 6}, {6, 8}};
    Shape[] shapes = {Shape.of(2, 3), Shape.of(2)};
    List<Fn<Layer, Tensor>> leaves = List.of(Layer::w, Layer::b);
    for (int i = 0; i < 2; i++) {
      Layer row = blocks.of(leaves.get(i));
      assertThat(row).isSameAs(blocks.rows().get(i));
      for (int j = 0; j < 2; j++) {
        Tensor block = leaves.get(j).apply(row);
        assertThat(block.rank()).isEqualTo(shapes[i].rank() + shapes[j].rank());
        Tensor expected =
            whole.slice(
                new long[] {parts[i][0], parts[j][0]}, new long[] {parts[i][1], parts[j][1]});
        assertClose(block, expected.reshape(block.shape()));
      }
    }
  }

  @Test
  void blocksAreThoseOfTheWholeHessian() {
    Fn<Layer, Tensor> f = layer -> loss(layer, X);
    Tensor all = Tensor.concatenate(0, LAYER.w.flatten(), LAYER.b);
    Tensor whole = hessian((Tensor v) -> f.apply(unpack(v))).apply(all);
    assertBlocks(hessianBlocks(f).apply(LAYER), whole);
    assertBlocks(jit(hessianBlocks(f)).apply(LAYER), whole);
    assertBlocks(hessianBlocks(HessianBlocksTest::loss).apply(LAYER, X), whole);
    Fn3<Layer, Tensor, Tensor, Tensor> three = (layer, x, y) -> loss(layer, x).mul(y);
    assertBlocks(hessianBlocks(three).apply(LAYER, X, scalar(1)), whole);
    Fn4<Layer, Tensor, Tensor, Tensor, Tensor> four = (layer, x, y, z) -> loss(layer, x).mul(y);
    assertBlocks(hessianBlocks(four).apply(LAYER, X, scalar(1), scalar(5)), whole);
  }

  @Test
  void blocksAreATree() {
    Tensor xs = random(4, 5, 3);
    Fn2<Layer, Tensor, HessianBlocks<Layer>> f = hessianBlocks(HessianBlocksTest::loss);
    HessianBlocks<Layer> mapped = vmap(f, in(NONE, 0)).apply(LAYER, xs);
    HessianBlocks<Layer> one = f.apply(LAYER, xs.get(3));
    assertClose(mapped.of(Layer::w).b().get(3), one.of(Layer::w).b());
    assertClose(mapped.of(Layer::b).w().get(3), one.of(Layer::b).w());
    Fn<Layer, Tensor> corner =
        layer -> hessianBlocks(HessianBlocksTest::loss).apply(layer, X).of(Layer::b).w().sum();
    assertClose(jit(corner).apply(LAYER), corner.apply(LAYER));
    assertClose(grad(corner).apply(LAYER).b(), jacrev(corner).apply(LAYER).b());
  }

  @Test
  void functionsWithoutCurvatureHaveZeros() {
    Fn<Layer, Tensor> f = layer -> layer.w.square().sum().add(layer.b.sum());
    HessianBlocks<Layer> blocks = hessianBlocks(f).apply(LAYER);
    assertClose(blocks.of(Layer::w).w().reshape(6, 6), Tensor.eye(X.dtype(), 6, 6).mul(2));
    assertClose(blocks.of(Layer::w).b(), Tensor.zeros(X.dtype(), 2, 3, 2));
    assertClose(blocks.of(Layer::b).b(), Tensor.zeros(X.dtype(), 2, 2));
  }

  @Test
  void otherTreesAndResults() {
    Fn<Tensor, Tensor> vectors = x -> x.square().mul(x.get(0));
    assertClose(hessianBlocks(vectors).apply(X).of(x -> x), hessian(vectors).apply(X));
    Fn<Map<String, Tensor>, Tensor> product = m -> m.get("a").mul(m.get("b"));
    Map<String, Tensor> at = Map.of("a", scalar(2), "b", scalar(3));
    assertClose(hessianBlocks(product).apply(at).of(m -> m.get("a")).get("b"), scalar(1));
  }

  @Test
  void errors() {
    HessianBlocks<Layer> blocks = hessianBlocks((Layer l) -> loss(l, X)).apply(LAYER);
    assertThatThrownBy(() -> blocks.of(layer -> layer.w().neg()))
        .isInstanceOf(TreeException.class)
        .hasMessage(
            "hessianBlocks: expected of(…) to select a tensor of the tree Layer(w=*, b=*) as it"
                + " is");
    assertThatThrownBy(() -> hessianBlocks((Tensor x) -> x.sum()).apply(Tensor.of(1, 2)))
        .isInstanceOf(DTypeException.class)
        .hasMessageStartingWith("hessianBlocks: arguments must be floating to have derivatives");
  }

  @Test
  void productsWithTheHessianOfTheFirstArgument() {
    Layer v = new Layer(random(5, 2, 3), random(6, 2));
    Layer expected = hvp((Layer layer) -> loss(layer, X), LAYER, v);
    Fn3<Layer, Tensor, Tensor, Tensor> three = (layer, x, y) -> loss(layer, x).mul(y);
    Fn4<Layer, Tensor, Tensor, Tensor, Tensor> four = (layer, x, y, z) -> loss(layer, x).mul(y);
    for (Layer product :
        List.of(
            hvp(HessianBlocksTest::loss, LAYER, X, v),
            hvp(three, LAYER, X, scalar(1), v),
            hvp(four, LAYER, X, scalar(1), scalar(5), v))) {
      assertClose(product.w, expected.w);
      assertClose(product.b, expected.b);
    }
  }

  @Test
  void valuesAndJacobiansByTheFirstArgument() {
    Fn2<Tensor, Tensor, Tensor> two = (x, y) -> x.sin().mul(y);
    Fn3<Tensor, Tensor, Tensor, Tensor> three = (x, y, z) -> two.apply(x, y).mul(z);
    Fn4<Tensor, Tensor, Tensor, Tensor, Tensor> four = (x, y, z, u) -> three.apply(x, y, z).add(u);
    Tensor y = random(7, 3);
    Tensor jacobian = jacrev(two).apply(X, y);
    ValueAndJacobian<Tensor> ofTwo = valueAndJacobian(two).apply(X, y);
    assertClose(ofTwo.value(), two.apply(X, y));
    assertClose(ofTwo.jacobian(), jacobian);
    ValueAndJacobian<Tensor> ofThree = valueAndJacobian(three).apply(X, y, scalar(1));
    assertClose(ofThree.value(), two.apply(X, y));
    assertClose(ofThree.jacobian(), jacobian);
    ValueAndJacobian<Tensor> ofFour = valueAndJacobian(four).apply(X, y, scalar(1), scalar(2));
    assertClose(ofFour.value(), two.apply(X, y).add(2));
    assertClose(ofFour.jacobian(), jacobian);
  }
}
