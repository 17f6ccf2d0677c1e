package dev.lockstep;

import static dev.lockstep.Lockstep.explain;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.LockstepException;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplainTest extends EveryBackend {
  private static String withoutLines(Object jitted) {
    return explain(jitted).replaceAll("ExplainTest.java:\\d+", "line");
  }

  @Test
  void namesWhatChanged() {
    Fn2<Tensor, Tensor, Tensor> f = jit(Tensor::add);
    assertThat(explain(f)).isEqualTo("traced 0 times");
    f.apply(vector(1, 2), scalar(1));
    f.apply(vector(3, 4), scalar(2));
    assertThat(withoutLines(f)).isEqualTo("traced 1 time\n1. f64[2], f64[] at (line)");
    f.apply(vector(1, 2, 3), scalar(1));
    assertThat(withoutLines(f))
        .isEqualTo(
            """
            traced 2 times
            1. f64[2], f64[] at (line)
            2. f64[3], f64[] at (line): argument 0 was f64[2]\
            """);
  }

  @Test
  void namesAnotherStructure() {
    Fn<List<Tensor>, Tensor> f = jit((List<Tensor> x) -> x.getFirst().sin());
    f.apply(List.of(scalar(1)));
    f.apply(List.of(scalar(1), scalar(2)));
    assertThat(explain(f)).contains("traced 2 times").contains("the arguments' structure was ");
  }

  @Test
  void saysThatTracesWithTracersAreNotKept() {
    Fn<Tensor, Tensor> outer =
        a -> {
          Fn<Tensor, Tensor> inner = jit((Tensor b) -> a.mul(b));
          Tensor result = inner.apply(scalar(2));
          assertThat(explain(inner)).contains(": not kept, it uses tensors of an enclosing");
          return result;
        };
    vmap(outer).apply(vector(1, 2));
  }

  @Test
  void otherFunctionsAreRefused() {
    Fn<Tensor, Tensor> f = Tensor::sin;
    assertThatThrownBy(() -> explain(f))
        .isInstanceOf(LockstepException.class)
        .hasMessageStartingWith("explain: expected a function that jit returned, got ");
  }
}
