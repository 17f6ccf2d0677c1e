package dev.lockstep;

import static dev.lockstep.Lockstep.checkpoint;
import static dev.lockstep.Lockstep.checkpointName;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.save;
import static dev.lockstep.Lockstep.valueAndGrad;
import static dev.lockstep.Lockstep.vmap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.LockstepException;
import dev.lockstep.program.Program;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import org.junit.jupiter.api.Test;

/** Checkpoints that keep named values. */
class CheckpointNamesTest {
  private static final Tensor X = Tensor.of(0.3, -0.7, 1.1);

  private static Tensor body(Tensor x) {
    return checkpointName(x.exp(), "e").square().sin().sum();
  }

  /** Returns how often a program of value and gradient computes exp. */
  private static int exponentials(Fn<Tensor, Tensor> f) {
    Fn<Tensor, Tensor> both =
        x -> {
          ValueAndGrad<Tensor> result = valueAndGrad(f).apply(x);
          return result.gradient().add(result.value());
        };
    String program = Program.of(both, TensorType.of(DType.F64, 3)).toString();
    return program.split(" = exp ", -1).length - 1;
  }

  @Test
  void aSavedValueIsNotComputedAgain() {
    assertThat(exponentials(checkpoint((Tensor x) -> body(x)))).isEqualTo(2);
    assertThat(exponentials(checkpoint((Tensor x) -> body(x), save("e")))).isEqualTo(1);
  }

  @Test
  void derivativesAreTheFunctions() {
    Fn<Tensor, Tensor> plain = x -> x.exp().square().sin().sum();
    Fn<Tensor, Tensor> saved = checkpoint((Tensor x) -> body(x), save("e"));
    assertThat(saved.apply(X).item()).isEqualTo(plain.apply(X).item());
    assertThat(grad(saved).apply(X).toDoubleArray())
        .usingComparatorWithPrecision(1e-12)
        .containsExactly(grad(plain).apply(X).toDoubleArray());
    assertThat(jit(hessian(saved)).apply(X).toDoubleArray())
        .usingComparatorWithPrecision(1e-10)
        .containsExactly(hessian(plain).apply(X).toDoubleArray());
    Tensor batch = Tensor.stack(0, X, X.mul(2));
    assertThat(vmap(grad(saved)).apply(batch).toDoubleArray())
        .usingComparatorWithPrecision(1e-12)
        .containsExactly(vmap(grad(plain)).apply(batch).toDoubleArray());
  }

  @Test
  void anUnknownNameIsAnError() {
    assertThatThrownBy(() -> checkpoint((Tensor x) -> body(x), save("exp")).apply(X))
        .isInstanceOf(LockstepException.class)
        .hasMessage(
            "checkpoint: no value that the result depends on has the name \"exp\", there are [e];"
                + " mark one with checkpointName(x, \"exp\")");
  }
}
