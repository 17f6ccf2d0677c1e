package dev.lockstep.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.BinaryArithmetic.Add;
import dev.lockstep.program.primitive.BinaryArithmetic.Mul;
import dev.lockstep.program.primitive.Cast;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;

class WideningTest {
  private static final TensorType X = TensorType.of(DType.BF16, 2, 3);

  private static List<Class<?>> primitives(Program program) {
    return program.equations().stream()
        .map(Equation::primitive)
        .<Class<?>>map(Primitive::getClass)
        .toList();
  }

  @Test
  void computesInF32AndRoundsEachResult() {
    Program program = Program.of((x, y) -> x.mul(y).add(x), X, X);
    Program optimised = Compiler.optimise(program);
    assertThat(primitives(optimised))
        .containsExactly(
            Cast.class, Cast.class, Mul.class, Cast.class, Cast.class, Add.class, Cast.class);
    for (Equation equation : optimised.equations()) {
      if (!(equation.primitive() instanceof Cast)) {
        assertThat(equation.outputs().getFirst().type().dtype()).isEqualTo(DType.F32);
      }
    }
    assertThat(optimised.outputs().getFirst().type()).isEqualTo(X);
  }

  @Test
  void movesStayNarrow() {
    Fn<Tensor, Tensor> moves =
        x ->
            Tensor.concatenate(0, x.transpose(), x.flip(1).transpose())
                .slice(new long[] {1, 0}, new long[] {5, 2})
                .pad(new long[] {1, 0}, new long[] {0, 1});
    for (Equation equation : Compiler.optimise(Program.of(moves, X)).equations()) {
      assertThat(equation.outputs().getFirst().type().dtype()).isEqualTo(DType.BF16);
    }
    Fn<Tensor, Tensor> chosen = x -> Tensor.where(x.greater(0.5), x, x.neg());
    Program program = Compiler.optimise(Program.of(chosen, X));
    assertThat(program.outputs().getFirst().type().dtype()).isEqualTo(DType.BF16);
  }

  /** f32 → bf16 → f32 rounds; bf16 → f32 → bf16 changes nothing. */
  @Test
  void onlyWideningIsUndone() {
    Program rounds =
        Program.of(x -> x.cast(DType.BF16).cast(DType.F32), TensorType.of(DType.F32, 3));
    assertThat(primitives(Compiler.optimise(rounds))).containsExactly(Cast.class, Cast.class);
    Program nothing = Program.of(x -> x.cast(DType.F32).cast(DType.BF16), X);
    assertThat(Compiler.optimise(nothing).equations()).isEmpty();
    Program once = Program.of(x -> x.cast(DType.F32).cast(DType.F64), X);
    assertThat(primitives(Compiler.optimise(once))).containsExactly(Cast.class);
  }

  @Test
  void changesNoProgramWithoutBf16() {
    Program program = Program.of(x -> x.sin().sum(), TensorType.of(DType.F32, 3));
    assertThat(Widening.apply(program)).isSameAs(program);
  }

  @Test
  void bodiesOfLoopsAreWidened() {
    Program given = scanOf();
    Program program = Compiler.optimise(given);
    ControlFlow.Scan scan =
        program.equations().stream()
            .map(Equation::primitive)
            .filter(ControlFlow.Scan.class::isInstance)
            .map(ControlFlow.Scan.class::cast)
            .findFirst()
            .orElseThrow();
    for (Equation equation : scan.body().equations()) {
      boolean moves =
          equation.primitive() instanceof Cast || equation.primitive() instanceof Structural;
      assertThat(moves || equation.outputs().getFirst().type().dtype() == DType.F32).isTrue();
    }
  }

  private static Program scanOf() {
    TensorType carry = TensorType.of(DType.BF16, 3);
    Program body =
        Trace.program(
            "scan", List.of(carry, carry), x -> List.of(x.get(0).mul(x.get(1)).sin(), x.get(0)));
    ControlFlow.Scan scan = new ControlFlow.Scan(body, 2, false, 0, 1);
    return Trace.program("scan", List.of(carry, X), x -> Trace.bindAll(scan, x.get(0), x.get(1)));
  }

  @Test
  void constantsAreRoundedWhereTheyAreFolded() {
    Fn<Tensor, Tensor> f = x -> x.cast(DType.F32).mul(Tensor.full(DType.BF16, 0.1).cast(DType.F32));
    Tensor x = Tensor.of(1.0, 3.0).cast(DType.BF16);
    Program program = Program.of(f, x.type());
    Tensor compiled = NativeBackend.INSTANCE.run(program, List.of(x.concrete("test"))).getFirst();
    float tenth = Tensor.of(0.1f).cast(DType.BF16).toFloatArray()[0];
    assertThat(compiled.toFloatArray()).containsExactly(tenth, 3 * tenth);
  }

  /** One op at a time, compiled whole, and on the reference: the same bits. */
  @Test
  void theWholeIsItsParts() {
    Tensor x = Tensor.of(0.3, -1.7, 2.2, 0.01, 5.5, -0.4).cast(DType.BF16).reshape(2, 3);
    Tensor y = Tensor.of(1.1, 0.7, -3.3, 2.1, 0.9, 8.1).cast(DType.BF16).reshape(2, 3);
    List<Fn2<Tensor, Tensor, Tensor>> functions =
        List.of(
            (a, b) -> a.mul(b).add(a).sub(b.square()).mul(0.1),
            (a, b) -> a.add(0.1).add(0.1).sub(a).div(b),
            (a, b) -> a.mul(b).sum(1).add(b.max(1)),
            (a, b) -> a.add(b).transpose().mul(1.0 / 3).cumSum(0),
            (a, b) -> Tensor.where(a.less(b), a.mul(b), a.sub(b)).sort(1),
            (a, b) -> a.mul(b).neg().add(1.0).sub(a.neg()),
            (a, b) -> a.neg().mul(b.neg()).sub(a.mul(-1.0)).div(4.0).mean(0));
    for (int i = 0; i < functions.size(); i++) {
      Fn2<Tensor, Tensor, Tensor> f = functions.get(i);
      Program program =
          Trace.trace(
                  "whole",
                  List.of(x.type(), y.type()),
                  null,
                  t -> List.of(f.apply(t.get(0), t.get(1))))
              .withScalarsAsConstants()
              .program();
      short[] eager = f.apply(x, y).toBf16Array();
      List<Array> operands = List.of(x.concrete("test"), y.concrete("test"));
      short[] whole = NativeBackend.INSTANCE.run(program, operands).getFirst().toBf16Array();
      short[] reference = ReferenceBackend.INSTANCE.run(program, operands).getFirst().toBf16Array();
      short[] parts = Backends.with(ReferenceBackend.INSTANCE, () -> f.apply(x, y).toBf16Array());
      assertThat(whole).as("function " + i).isEqualTo(eager);
      assertThat(reference).as("function " + i).isEqualTo(eager);
      assertThat(parts).as("function " + i).isEqualTo(eager);
    }
  }
}
