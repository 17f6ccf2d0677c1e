package dev.lockstep;

import static dev.lockstep.Collectives.psum;
import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.out;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.AxisException;
import dev.lockstep.error.LockstepException;
import dev.lockstep.program.Program;
import dev.lockstep.program.primitive.ControlFlow.Scan;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkedVmapTest extends EveryBackend {
  private static final Tensor X = random(0, 3, 7, 2);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 6, 7, 8})
  void asAllTogether(long chunk) {
    Tensor w = random(1, 2, 4);
    Fn2<Tensor, Tensor, Tensor> f = (a, b) -> b.matmul(a).sin();
    Tensor expected = vmap(f, in(NONE, 1), out(-1)).apply(w, X);
    Fn2<Tensor, Tensor, Tensor> chunked = vmap(f, in(NONE, 1).chunked(chunk), out(-1));
    assertClose(chunked.apply(w, X), expected);
    assertClose(jit(chunked).apply(w, X), expected);
    Tensor captured = vmap((Tensor b) -> b.matmul(w).sin(), in(1).chunked(chunk), out(-1)).apply(X);
    assertClose(captured, expected);
    assertClose(
        grad((Tensor v) -> chunked.apply(v, X).square().sum()).apply(w),
        grad((Tensor v) -> vmap(f, in(NONE, 1), out(-1)).apply(v, X).square().sum()).apply(w));
  }

  @Test
  void derivativesAndOtherVmaps() {
    Tensor x = random(2, 5, 3);
    Fn<Tensor, Tensor> f = e -> e.sin().mul(e.sum()).sum();
    Fn<Tensor, Tensor> chunked = vmap(f, in(0).chunked(2));
    assertClose(vmap(grad(f), in(0).chunked(2)).apply(x), vmap(grad(f)).apply(x));
    assertClose(vmap(hessian(f), in(0).chunked(3)).apply(x), vmap(hessian(f)).apply(x));
    assertClose(jacfwd(chunked).apply(x), jacfwd(vmap(f)).apply(x));
    Tensor more = random(3, 4, 5, 3);
    assertClose(vmap(chunked).apply(more), vmap(vmap(f)).apply(more));
    assertClose(vmap(chunked, in(0).chunked(3)).apply(more), vmap(vmap(f)).apply(more));
    Fn<Tensor, Tensor> shares = row -> vmap((Tensor e) -> e.sub(psum(e, "outer"))).apply(row);
    Fn<Tensor, Tensor> sharesInChunks =
        row -> vmap((Tensor e) -> e.sub(psum(e, "outer")), in(0).chunked(2)).apply(row);
    assertClose(
        vmap(sharesInChunks, in(0).named("outer")).apply(x),
        vmap(shares, in(0).named("outer")).apply(x));
  }

  @Test
  void resultsThatAreTheSameForAll() {
    Tensor y = random(4, 3);
    List<Tensor> results =
        vmap(
                (Tensor a, Tensor b) -> List.of(a.mul(2), b.mul(2), b),
                in(0, NONE).chunked(2),
                out(List.of(0, NONE, 1)))
            .apply(random(0, 5), y);
    assertClose(results.get(0), random(0, 5).mul(2));
    assertClose(results.get(1), y.mul(2));
    assertClose(results.get(2), y.expandDims(1).broadcastTo(3, 5));
    Tensor same = vmap((Tensor b) -> b.mul(2), in(NONE).size(5).chunked(2)).apply(y);
    assertClose(same, y.mul(2).broadcastTo(5, 3));
    assertThat(
            vmap((Tensor e) -> e.sin(), in(0).chunked(2))
                .apply(Tensor.zeros(DType.F64, 0, 3))
                .shape()
                .extents())
        .containsExactly(0, 3);
  }

  /** The body of the loop sees one chunk only. */
  @Test
  void runsChunkByChunk() {
    Program program =
        Program.of(
            x -> vmap((Tensor e) -> e.sin(), in(0).chunked(3)).apply(x),
            TensorType.of(DType.F64, 7));
    Scan scan =
        program.equations().stream()
            .map(equation -> equation.primitive())
            .filter(Scan.class::isInstance)
            .map(Scan.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(scan.length()).isEqualTo(2);
    assertThat(scan.body().inputs().getFirst().type()).isEqualTo(TensorType.of(DType.F64, 3));
  }

  @Test
  void chunksThatCannotBe() {
    assertThatThrownBy(() -> vmap((Tensor e) -> e, in(0).chunked(0)))
        .isInstanceOf(LockstepException.class)
        .hasMessageContaining("vmap: chunks must have at least 1 example, got in(0).chunked(0)");
    assertThatThrownBy(() -> vmap((Tensor e) -> e, in(0).named("b").chunked(2)))
        .isInstanceOf(AxisException.class)
        .hasMessageContaining("vmap: an axis with a name cannot be chunked")
        .hasMessageContaining("got in(0).named(\"b\").chunked(2)");
    assertThatThrownBy(() -> vmap((Tensor e) -> e, in(0).chunked(2), out(NONE)).apply(random(0, 5)))
        .isInstanceOf(AxisException.class)
        .hasMessageContaining("vmap: a result with out axis NONE must be the same");
  }
}
