package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.axis;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.out;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VmapTest extends EveryBackend {
  record Layer(Tensor w, Tensor b) {}

  record LayerAxes(Object w, Object b) {}

  private static Tensor predict(Layer layer, Tensor x) {
    return layer.w().matmul(x).add(layer.b()).tanh();
  }

  private static Tensor loop(Fn<Tensor, Tensor> f, Tensor batch, int axis) {
    List<Tensor> results = new ArrayList<>();
    Tensor front = batch.moveAxis(axis, 0);
    for (int i = 0; i < front.shape().extent(0); i++) {
      results.add(f.apply(front.get(i)));
    }
    return Tensor.stack(0, results.toArray(Tensor[]::new));
  }

  @Test
  void dotsOfTwoBatches() {
    Fn2<Tensor, Tensor, Tensor> dots = vmap(Tensor::dot);
    Tensor x = random(0, 5, 3);
    Tensor y = random(1, 5, 3);
    assertClose(dots.apply(x, y), x.mul(y).sum(1));
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2", "-1", "-2", "-3"})
  void eachAxisAgainstALoop(int axis) {
    Tensor x = random(0, 2, 3, 4);
    Fn<Tensor, Tensor> f = e -> e.sin().mul(e.sum(0)).matmul(random(1, e.shape().extent(1), 2));
    assertClose(vmap(f, in(axis)).apply(x), loop(f, x, axis));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "2, 2", "-1, 2", "-2, 1", "-3, 0"})
  void outAxes(int axis, int place) {
    Tensor x = random(0, 5, 2, 3);
    Tensor mapped = vmap((Tensor e) -> e.exp(), in(0), out(axis)).apply(x);
    assertClose(mapped, x.exp().moveAxis(0, place));
  }

  @Test
  void anArgumentThatIsNotMapped() {
    Tensor w = random(0, 4, 3);
    Tensor x = random(1, 6, 3);
    Tensor expected = x.matmul(w.transpose());
    assertClose(vmap(Tensor::matmul, in(NONE, 0)).apply(w, x), expected);
    assertClose(vmap((Tensor e) -> w.matmul(e)).apply(x), expected);
  }

  @Test
  void aResultThatIsTheSameForAll() {
    Tensor x = random(0, 3, 2);
    Tensor y = vector(1, 2);
    Tensor repeated = vmap((Tensor a, Tensor b) -> b.mul(2), in(0, NONE)).apply(x, y);
    assertClose(repeated, y.mul(2).broadcastTo(3, 2));
    Tensor once = vmap((Tensor a, Tensor b) -> b.mul(2), in(0, NONE), out(NONE)).apply(x, y);
    assertClose(once, y.mul(2));
    Tensor last = vmap((Tensor a, Tensor b) -> b, in(0, NONE), out(-1)).apply(x, y);
    assertEqual(last, 1, 1, 1, 2, 2, 2);
  }

  @Test
  void aCapturedConstantIsTheSameForAll() {
    Tensor constant = vector(7, 8);
    Tensor result = vmap((Tensor e) -> constant).apply(random(0, 3));
    assertEqual(result, 7, 8, 7, 8, 7, 8);
  }

  @Test
  void identityAndTheSameResultTwice() {
    Tensor x = random(0, 3, 2);
    assertClose(vmap((Tensor e) -> e).apply(x), x);
    Fn<Tensor, List<Tensor>> twice =
        vmap((Tensor e) -> {
          Tensor y = e.neg();
          return List.of(y, y, e);
        });
    List<Tensor> results = twice.apply(x);
    assertClose(results.get(0), x.neg());
    assertClose(results.get(1), x.neg());
    assertClose(results.get(2), x);
  }

  @Test
  void scalarsOfABatch() {
    assertEqual(vmap((Tensor e) -> e.mul(e)).apply(vector(1, 2, 3)), 1, 4, 9);
  }

  @Test
  void anEmptyBatch() {
    Tensor x = random(0, 0, 3);
    Tensor y = vmap((Tensor e) -> random(1, 2, 3).matmul(e).tanh()).apply(x);
    assertThat(y.shape()).isEqualTo(Shape.of(0, 2));
    Tensor same = vmap((Tensor e) -> vector(1, 2)).apply(x);
    assertThat(same.shape()).isEqualTo(Shape.of(0, 2));
  }

  @Test
  void nestedWithDifferentAxes() {
    Tensor a = random(0, 4, 3);
    Tensor b = random(1, 3, 5);
    Fn2<Tensor, Tensor, Tensor> product =
        vmap(vmap(Tensor::dot, in(NONE, 1), out(0)), in(0, NONE), out(0));
    assertClose(product.apply(a, b), a.matmul(b));
    Fn2<Tensor, Tensor, Tensor> transposed =
        vmap(vmap(Tensor::dot, in(NONE, 1)), in(0, NONE), out(-1));
    assertClose(transposed.apply(a, b), a.matmul(b).transpose());
  }

  @Test
  void anInnerFunctionClosesOverTheOuterExample() {
    Tensor x = vector(1, 2, 3);
    Tensor y = vector(10, 20);
    Tensor sums = vmap((Tensor a) -> vmap((Tensor b) -> a.add(b)).apply(y)).apply(x);
    assertEqual(sums, 11, 21, 12, 22, 13, 23);
  }

  @Test
  void recordsListsMapsAndArraysAreTrees() {
    Layer layers = new Layer(random(0, 5, 2, 3), random(1, 5, 2));
    Tensor x = random(2, 5, 3);
    Tensor each = vmap(VmapTest::predict).apply(layers, x);
    for (int i = 0; i < 5; i++) {
      Layer layer = new Layer(layers.w().get(i), layers.b().get(i));
      assertClose(each.get(i), predict(layer, x.get(i)));
    }
    Map<String, Tensor[]> result =
        vmap((List<Tensor> e) -> Map.of("sum", new Tensor[] {e.get(0).add(e.get(1))}))
            .apply(List.of(vector(1, 2), vector(3, 4)));
    assertEqual(result.get("sum")[0], 4, 6);
  }

  @Test
  void oneEntryStandsForAllPartsOfATree() {
    Layer layer = new Layer(random(0, 2, 3), random(1, 2));
    Tensor x = random(2, 5, 3);
    Tensor expected = loop(e -> predict(layer, e), x, 0);
    assertClose(vmap(VmapTest::predict, in(NONE, 0)).apply(layer, x), expected);
  }

  @Test
  void partsOfARecordHaveEntriesOfTheirOwn() {
    Tensor w = random(0, 2, 3, 5);
    Tensor b = random(1, 2);
    Tensor x = random(2, 3);
    Tensor expected = loop(e -> predict(new Layer(e, b), x), w, 2);
    Layer layers = new Layer(w, b);
    Object[] entries = {
      axis("w", 2),
      axis("w", -1).axis("b", NONE),
      List.of(2, NONE),
      new Object[] {2, NONE},
      Map.of("w", 2),
      new LayerAxes(2, NONE)
    };
    for (Object entry : entries) {
      assertClose(vmap(VmapTest::predict, in(entry, NONE)).apply(layers, x), expected);
    }
  }

  @Test
  void partsOfAResultHaveAxesOfTheirOwn() {
    Tensor x = random(0, 5, 2, 3);
    Fn<Tensor, Layer> f = e -> new Layer(e.exp(), vector(1));
    Layer result = vmap(f, in(0), out(axis("w", 1))).apply(x);
    assertClose(result.w(), x.exp().moveAxis(0, 1));
    assertEqual(result.b(), 1);
    Layer both = vmap(f, in(0), out(List.of(-1, 0))).apply(x);
    assertClose(both.w(), x.exp().moveAxis(0, 2));
    assertEqual(both.b(), 1, 1, 1, 1, 1);
  }

  @Test
  void theSizeCanBeSaidIfNothingIsMapped() {
    Tensor x = vector(1, 2);
    assertEqual(vmap((Tensor e) -> e.add(1), in(NONE).size(2)).apply(x), 2, 3, 2, 3);
    assertEqual(vmap((Tensor e) -> e.add(1), in(0).size(2)).apply(x), 2, 3);
  }

  @Test
  void fourArguments() {
    Fn4<Tensor, Tensor, Tensor, Tensor, Tensor> f =
        vmap((Tensor a, Tensor b, Tensor c, Tensor d) -> a.add(b).mul(c).sub(d), in(0, NONE, 0, 0));
    assertEqual(f.apply(vector(1, 2), Tensors.scalar(3), vector(4, 5), vector(6, 7)), 10, 18);
  }

  @Test
  void integersAndBools() {
    Tensor x = Tensor.of(new int[][] {{1, 2}, {3, 4}});
    Tensor dots = vmap(Tensor::dot).apply(x, x);
    assertThat(dots.dtype()).isEqualTo(DType.I32);
    assertEqual(dots, 5, 25);
    Tensor greater = vmap((Tensor e) -> e.greater(2)).apply(x);
    assertThat(greater.dtype()).isEqualTo(DType.BOOL);
    assertEqual(greater, 0, 0, 1, 1);
  }
}
