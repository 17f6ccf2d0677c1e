package dev.lockstep;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.tensor.Index.all;
import static dev.lockstep.tensor.Index.at;
import static dev.lockstep.tensor.Index.every;
import static dev.lockstep.tensor.Index.of;
import static dev.lockstep.tensor.Index.range;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.PadMode;
import dev.lockstep.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks transforms of what reads, writes or orders by index. */
class IndexingTransformsTest extends EveryBackend {
  private static final Tensor ROWS = Tensor.of(2, 0, 2);
  private static final Tensor COLUMNS = Tensor.of(1, -1, 1);

  static Stream<Named<Fn<Tensor, Tensor>>> functions() {
    return Stream.of(
        Named.of("get", x -> x.get(of(ROWS), of(COLUMNS)).square()),
        Named.of("separated", x -> x.get(of(ROWS), every(-2)).sin()),
        Named.of("take", x -> x.take(ROWS, 0).mul(x).cumSum(1)),
        Named.of("take along", x -> x.takeAlongAxis(x.argSort(1), 1).square().cumProd(0)),
        Named.of("set", x -> x.at(of(ROWS), all()).set(x.sin()).mul(x)),
        Named.of("add", x -> x.at(range(0, 2), at(-1)).add(x.get(0).get(range(0, 2))).square()),
        Named.of("mul", x -> x.at(of(ROWS), of(COLUMNS)).mul(x.get(all(), at(0)))),
        Named.of("mask", x -> x.at(x.greater(0)).set(x.square())),
        Named.of("max", x -> x.at(ROWS).max(x.sin())),
        Named.of("segments", x -> x.segmentSum(ROWS, 3).mul(x.segmentProd(ROWS, 3))),
        Named.of("sort", x -> x.sort(0).mul(x.sortDescending(1)).cumMaxReverse(1)),
        Named.of("top", x -> x.topK(2, 1).values().mul(x.median(1).expandDims(1))),
        Named.of("quantile", x -> x.quantile(0.3, 0).mul(x.cumLogSumExp(0))),
        Named.of(
            "quantiles", x -> x.quantile(Tensor.of(0.3, 0.9), 0).mul(x.get(0).expandDims(0, 1))),
        Named.of("position", x -> x.quantile(x.get(all(), at(0)).sigmoid(), 1).sin()),
        Named.of("counts", x -> x.repeat(new long[] {2, 0, 3, 1}, 1).square()),
        Named.of("diagonals", x -> x.diagonal(1, 1, 0).mul(x.trace(-1, 0, 1)).diag(-1)),
        Named.of("no segment", x -> x.segmentSum(Tensor.of(-1, 1, 9), 2).square()),
        Named.of(
            "ddof", x -> x.div(x.stdDdofKeepDims(1, 1)).roll(new long[] {1, 2}, new int[] {0, 1})),
        Named.of("block", x -> x.dynamicSlice(Tensor.of(1, 9), new long[] {2, 2}).square()),
        Named.of("update", x -> x.dynamicUpdateSlice(x.get(range(0, 1)).sin(), Tensor.of(1, 0))),
        Named.of("pad", x -> x.pad(new long[] {2, 1}, new long[] {0, 5}, PadMode.REFLECT).square()),
        Named.of("kron", x -> x.kron(x.get(0)).tile(2, 1).rot90(1)),
        Named.of("trace", x -> x.trace().mul(x.split(2, 1).getLast())));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void gradientsAreThoseOfDifferences(Fn<Tensor, Tensor> f) {
    Tensor x = random(7, 3, 4);
    Fn<Tensor, Tensor> loss = y -> f.apply(y).mul(f.apply(y).cos()).sum();
    assertClose(grad(loss).apply(x), Tensors.differences(loss, x), 1e-6);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void batchesAreLoops(Fn<Tensor, Tensor> f) {
    Tensor x = random(11, 2, 3, 4);
    assertClose(vmap(f).apply(x), Tensor.stack(0, f.apply(x.get(0)), f.apply(x.get(1))));
    assertClose(jit(vmap(f)).apply(x), vmap(f).apply(x));
  }

  @Test
  void eachExampleHasItsOwnIndices() {
    Tensor x = random(3, 2, 5);
    Tensor places = Tensor.of(new int[][] {{4, 0, 0}, {1, -1, 2}});
    Fn2<Tensor, Tensor, Tensor> take = (row, index) -> row.take(index, 0);
    assertClose(vmap(take).apply(x, places), x.takeAlongAxis(places, 1));
    Fn<Tensor, Tensor> count = index -> Tensor.zeros(DType.F64, 5).at(index).add(1);
    assertThat(vmap(count).apply(places).toNested())
        .isEqualTo(new double[][] {{2, 0, 0, 0, 1}, {0, 1, 1, 0, 1}});
    Fn2<Tensor, Tensor, Tensor> slice = (row, start) -> row.dynamicSliceAlong(start, 2, 0);
    assertClose(
        vmap(slice).apply(x, Tensor.of(1, 7)),
        Tensor.stack(0, x.get(at(0), range(1, 3)), x.get(at(1), range(3, 5))));
    Fn2<Tensor, Tensor, Tensor> search = (row, value) -> row.sort(0).searchSorted(value);
    assertThat(vmap(search).apply(x, Tensor.of(-9.0, 9)).toIntArray()).containsExactly(0, 5);
    assertThat(vmap((Tensor row) -> row.argMax(0)).apply(x).toIntArray())
        .isEqualTo(x.argMax(1).toIntArray());
    assertThat(vmap((Tensor i) -> i.oneHot(3, DType.F64)).apply(Tensor.of(2, 5)).toNested())
        .isEqualTo(new double[][] {{0, 0, 1}, {0, 0, 0}});
  }

  @Test
  void insideTransformsReadsClampAndUpdatesAreDropped() {
    Tensor x = Tensor.of(1.0, 2, 3);
    Tensor far = Tensor.of(-9, 1, 9);
    Fn2<Tensor, Tensor, Tensor> take = (row, index) -> row.take(index, 0);
    assertThat(jit(take).apply(x, far).toDoubleArray()).containsExactly(1, 2, 3);
    Fn2<Tensor, Tensor, Tensor> set = (row, index) -> row.at(index).set(0);
    assertThat(jit(set).apply(x, far).toDoubleArray()).containsExactly(1, 0, 3);
  }
}
