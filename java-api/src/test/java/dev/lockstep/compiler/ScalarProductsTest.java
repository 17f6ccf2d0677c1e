package dev.lockstep.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScalarProductsTest {
  private static final TensorType SCALAR = TensorType.of(DType.F64);
  private static final TensorType MATRIX = TensorType.of(DType.F64, 2, 3);

  private static Tensor outer(Tensor x, Tensor y) {
    return Trace.bind(new DotGeneral(List.of(), List.of(), List.of(), List.of()), x, y);
  }

  @Test
  void aProductWithAScalarIsElementwise() {
    Program program = Program.of(ScalarProductsTest::outer, MATRIX, SCALAR);
    assertThat(program.toString()).contains("dot_general");
    assertThat(Compiler.optimise(program))
        .hasToString(
            """
            { a:f64[2, 3] b:f64[] ->
              d:f64[2, 3] = broadcast_in_dim[shape=[2, 3] axes=[]] b
              c:f64[2, 3] = mul a d
              return c }\
            """);
  }

  @Test
  void aProductWithOneIsTheOtherOperand() {
    Program program =
        Program.of(x -> outer(Trace.bind(new Structural.Full(SCALAR, 1.0)), x), MATRIX);
    assertThat(Compiler.optimise(program).equations()).isEmpty();
  }

  @Test
  void otherProgramsStayAsTheyAre() {
    Program program = Program.of(ScalarProductsTest::outer, MATRIX, MATRIX);
    assertThat(ScalarProducts.apply(program)).isSameAs(program);
  }

  @Test
  void valuesStayTheSame() {
    Fn2<Tensor, Tensor, Tensor> f = (x, y) -> outer(outer(x, y), y).add(outer(y, x));
    Program program = Program.of(f, MATRIX, SCALAR);
    List<Array> inputs =
        List.of(
            Tensor.arange(6.0).reshape(2, 3).concrete("test"),
            Tensor.scalar(-1.5).concrete("test"));
    double[] expected = ReferenceBackend.INSTANCE.run(program, inputs).getFirst().toDoubleArray();
    double[] passed =
        ReferenceBackend.INSTANCE
            .run(ScalarProducts.apply(program), inputs)
            .getFirst()
            .toDoubleArray();
    assertThat(passed).isEqualTo(expected);
    assertThat(NativeBackend.INSTANCE.run(program, inputs).getFirst().toDoubleArray())
        .isEqualTo(expected);
  }
}
