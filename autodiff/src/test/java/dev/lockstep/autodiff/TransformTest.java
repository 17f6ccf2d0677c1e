package dev.lockstep.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What the transforms write: which equations, which residuals. */
class TransformTest {
  private static final TensorType VECTOR = TensorType.of(DType.F64, 3);

  private static Program program(Function<List<Tensor>, Tensor> f, TensorType... types) {
    return Trace.trace("test", List.of(types), null, x -> List.of(f.apply(x))).program();
  }

  private static List<String> names(Program program) {
    return program.equations().stream().map(e -> e.primitive().name()).toList();
  }

  private static List<TensorType> types(List<Variable> variables) {
    return variables.stream().map(Variable::type).toList();
  }

  @Test
  void equalProgramsAreTransformedOnce() {
    Function<List<Tensor>, Tensor> f = x -> x.get(0).sin().sum();
    Gradient gradient = new Gradient(List.of(0), false);
    Program first = gradient.cached(program(f, VECTOR));
    assertThat(gradient.cached(program(f, VECTOR))).isSameAs(first);
    assertThat(new Gradient(List.of(0), false).cached(program(f, VECTOR))).isSameAs(first);
    assertThat(new Gradient(List.of(0), true).cached(program(f, VECTOR))).isNotEqualTo(first);
    assertThat(gradient.cached(program(f, TensorType.of(DType.F32, 3)))).isNotEqualTo(first);
  }

  @Test
  void gradientsComputeNothingThatTheyDoNotNeed() {
    Program sine = program(x -> x.get(0).sin(), TensorType.of(DType.F64));
    assertThat(names(new Gradient(List.of(0), false).of(sine)))
        .contains("cos")
        .doesNotContain("sin");
    Program unused = program(x -> x.get(0).sin().add(x.get(1).exp().sum()), VECTOR, VECTOR);
    Program gradient = new Push(List.of(1)).of(unused).program().live();
    assertThat(names(gradient).stream().filter("cos"::equals)).isEmpty();
  }

  @Test
  void residualsAreOnlyWhatTheLinearPartNeeds() {
    Linearize both = new Linearize(List.of(0, 1));
    Linearize.Result product = both.of(program(x -> x.get(0).mul(x.get(1)), VECTOR, VECTOR));
    assertThat(product.residuals()).isEqualTo(2);
    Linearize.Result sum = both.of(program(x -> x.get(0).add(x.get(1)), VECTOR, VECTOR));
    assertThat(sum.residuals()).isZero();
    Linearize one = new Linearize(List.of(0));
    Linearize.Result left = one.of(program(x -> x.get(0).mul(x.get(1)), VECTOR, VECTOR));
    assertThat(types(left.linear().inputs())).containsExactly(VECTOR, VECTOR);
    assertThat(left.residuals()).isEqualTo(1);
  }

  @Test
  void constantsAreMadeAgainNotKept() {
    Linearize.Result mean =
        new Linearize(List.of(0)).of(program(x -> x.get(0).square().mean(), VECTOR));
    assertThat(mean.linear().equations().stream().filter(e -> e.inputs().isEmpty())).isNotEmpty();
    assertThat(types(mean.linear().inputs()).stream().filter(VECTOR::equals).count()).isEqualTo(2);
  }

  @Test
  void outputsWithoutTangentsAreNamed() {
    Push.Result pushed =
        new Push(List.of(0))
            .of(
                Trace.trace(
                        "test",
                        List.of(VECTOR, VECTOR),
                        null,
                        x -> List.of(x.get(1), x.get(0).greater(x.get(1)), x.get(0).neg()))
                    .program());
    assertThat(pushed.outputs()).containsExactly(2);
    assertThat(pushed.program().outputs()).hasSize(4);
  }

  @Test
  void whatIsNotMappedIsComputedOnce() {
    Program example = program(x -> x.get(0).exp().mul(x.get(1)), VECTOR, VECTOR);
    Batch.Result batch = new Batch(List.of(Batch.NONE, 0), List.of(0), 5).of(example);
    Equation exp =
        batch.program().equations().stream()
            .filter(e -> e.primitive().name().equals("exp"))
            .findFirst()
            .orElseThrow();
    assertThat(exp.outputs().getFirst().type()).isEqualTo(VECTOR);
    assertThat(batch.mapped()).containsExactly(true);
    assertThat(types(batch.program().outputs())).containsExactly(TensorType.of(DType.F64, 5, 3));
  }

  @Test
  void originsAreThoseOfTheUsersEquations() {
    Program sine = program(x -> x.get(0).sin().sum(), TensorType.of(DType.F64, 17));
    StackTraceElement line = sine.equations().getFirst().origin();
    assertThat(line.getFileName()).isEqualTo("TransformTest.java");
    Program gradient = new Gradient(List.of(0), false).of(sine);
    assertThat(gradient.equations())
        .filteredOn(e -> e.primitive().name().equals("cos"))
        .allSatisfy(e -> assertThat(e.origin()).isEqualTo(line));
  }

  @Test
  void whatIsNotLinearCannotBeTransposed() {
    Program exp = program(x -> x.get(0).exp(), VECTOR);
    assertThatThrownBy(() -> new Transpose(0).of(exp))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("exp has no transpose");
  }

  @Test
  void rulesMustNotCapture() {
    Tensor constant = Tensor.scalar(2.0);
    assertThatThrownBy(
            () -> Trace.program("vmap", List.of(VECTOR), x -> List.of(x.getFirst().mul(constant))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("vmap: a rule used a value from outside of its operands");
  }
}
