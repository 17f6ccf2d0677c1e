package dev.lockstep.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.PlanReport;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.PoolOptions;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Loops read bf16: what is written down in f32, and that all bits stay. */
class NarrowReadsTest {
  private static final Tensor X = bf16(1, 4, 6);
  private static final Tensor ROW = bf16(2, 6);
  private static final Tensor COLUMN = bf16(3, 4, 1);
  private static final Tensor Y = bf16(4, 6, 4);

  private static Tensor bf16(int seed, long... extents) {
    Shape shape = Shape.of(extents);
    double[] values = new Random(seed).doubles(shape.size(), -3, 3).toArray();
    return Tensor.of(values, shape).cast(DType.BF16);
  }

  private static Program program(Function<List<Tensor>, List<Tensor>> f, Tensor... operands) {
    List<TensorType> types = List.of(operands).stream().map(Tensor::type).toList();
    return Trace.trace("test", types, null, f::apply).withScalarsAsConstants().program();
  }

  private static PlanReport plan(Function<List<Tensor>, Tensor> f, Tensor... operands) {
    return Compiler.report(program(x -> List.of(f.apply(x)), operands));
  }

  private static List<String> names(PlanReport plan) {
    return plan.steps().stream().map(PlanReport.Step::name).toList();
  }

  @Test
  void wideningsComeAfterViews() {
    Program program =
        program(x -> List.of(x.get(0).add(x.get(1).broadcastTo(6, 4).transpose())), X, bf16(2, 4));
    assertThat(Compiler.optimise(program).toString())
        .isEqualTo(
            """
            { a:bf16[4, 6] b:bf16[4] ->
              j:f32[4, 6] = cast[dtype=f32] a
              k:bf16[4, 6] = broadcast_in_dim[shape=[4, 6] axes=[0]] b
              l:f32[4, 6] = cast[dtype=f32] k
              h:f32[4, 6] = add j l
              e:bf16[4, 6] = cast[dtype=bf16] h
              return e }\
            """);
  }

  @Test
  void biasAndResidualOfAProductAreReadAsTheyAre() {
    PlanReport plan =
        plan(
            x -> x.get(0).matmul(x.get(1)).add(x.get(2)).add(x.get(3)).relu(),
            bf16(1, 32, 16),
            bf16(2, 16, 24),
            bf16(3, 24),
            bf16(4, 32, 24));
    assertThat(names(plan)).containsExactly("matmul");
    assertThat(plan.workspaceBytes()).isZero();
    assertThat(plan.steps().getFirst().reads())
        .allSatisfy(type -> assertThat(type.dtype()).isEqualTo(DType.BF16));
  }

  @Test
  void biasOfAConvolutionIsReadAsItIs() {
    PlanReport plan =
        plan(
            x -> Nn.conv(x.get(0), x.get(1)).add(x.get(2).reshape(8, 1, 1)).relu(),
            bf16(1, 8, 16, 20, 20),
            bf16(2, 8, 16, 3, 3),
            bf16(3, 8));
    assertThat(names(plan)).containsExactly("convolve");
    assertThat(plan.workspaceBytes()).isZero();
  }

  @Test
  void whatSeveralLoopsReadIsStoredOnceInBf16() {
    PlanReport softmax = plan(x -> x.getFirst().softmax(-1), bf16(1, 64, 48));
    long exponentials = 4 * 64 * 48;
    assertThat(softmax.workspaceBytes()).isLessThan(exponentials + 2048);
    PlanReport scaled = plan(x -> x.getFirst().mul(0.3).softmax(-1), bf16(1, 64, 48));
    assertThat(scaled.steps().getFirst().writes())
        .contains(TensorType.of(DType.BF16, 64, 48))
        .doesNotContain(TensorType.of(DType.F32, 64, 48));
  }

  @Test
  void stepsThatNeedF32GetIt() {
    Tensor image = bf16(1, 2, 3, 8, 8);
    PlanReport plan = plan(x -> Nn.maxPool(x.getFirst().neg(), PoolOptions.of(2, 2)), image);
    assertThat(names(plan)).containsExactly("loop", "pooling", "loop");
    same(x -> List.of(Nn.avgPool(x.getFirst(), PoolOptions.of(2, 2)), x.getFirst().neg()), image);
  }

  @Test
  void outputsInF32AreWritten() {
    Program program = program(x -> List.of(x.getFirst().cast(DType.F32)), X);
    assertThat(Compiler.report(program).steps()).hasSize(1);
    same(x -> List.of(x.get(0).cast(DType.F32), x.get(0).cast(DType.F64).mul(3.0)), X);
    same(x -> List.of(x.get(0).cast(DType.F32).transpose(), x.get(0).neg()), X);
  }

  /** Compiled whole, the reference's, and one op at a time: the same bits. */
  @Test
  void allBitsStay() {
    same(x -> List.of(x.get(0).add(x.get(1)).mul(x.get(2))), X, ROW, COLUMN);
    same(x -> List.of(x.get(0).transpose().add(x.get(1)), x.get(0).mul(x.get(0))), X, Y);
    same(x -> List.of(x.get(0).transpose().reshape(24).sub(x.get(1).reshape(24))), X, Y);
    same(x -> List.of(x.get(0).flip(0).mul(x.get(0)).max(0), x.get(0).max(1)), X);
    same(
        x -> {
          Tensor part = x.get(0).slice(new long[] {1, 0}, new long[] {3, 6});
          return List.of(part.add(x.get(1)).mul(part), part.neg());
        },
        X,
        ROW);
    same(
        x -> {
          Tensor rounded = x.get(0).mul(0.1);
          Tensor largest = rounded.maxKeepDims(1);
          return List.of(rounded.sub(largest).square(), rounded, largest);
        },
        X);
    same(x -> List.of(x.get(0).add(x.get(1).get(2)).div(x.get(1).get(0))), X, ROW);
    same(x -> List.of(Tensor.where(x.get(0).less(x.get(1)), x.get(0), x.get(1)).abs()), X, ROW);
    same(x -> List.of(x.get(0).add(x.get(1)).cumSum(0).mul(x.get(1)).sort(1)), X, ROW);
  }

  private static void same(Function<List<Tensor>, List<Tensor>> f, Tensor... operands) {
    Program program = program(f, operands);
    List<Array> arrays = List.of(operands).stream().map(x -> x.concrete("test")).toList();
    List<Array> whole = NativeBackend.INSTANCE.run(program, arrays);
    List<Array> reference = ReferenceBackend.INSTANCE.run(program, arrays);
    List<Tensor> eager = f.apply(List.of(operands));
    for (int i = 0; i < eager.size(); i++) {
      double[] expected = eager.get(i).toDoubleArray();
      assertThat(whole.get(i).toDoubleArray()).as("compiled").isEqualTo(expected);
      assertThat(reference.get(i).toDoubleArray()).as("reference").isEqualTo(expected);
    }
  }
}
