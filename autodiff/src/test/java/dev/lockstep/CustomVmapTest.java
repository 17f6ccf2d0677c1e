package dev.lockstep;

import static dev.lockstep.Derivatives.customJvp;
import static dev.lockstep.Derivatives.customVmap;
import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TracerException;
import dev.lockstep.error.TreeException;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class CustomVmapTest extends EveryBackend {
  private static final Tensor X = random(0, 4, 3);

  /** Its rule gives three times what it should, so that it shows. */
  private static final Fn<Tensor, Tensor> SINE =
      customVmap(Tensor::sin, (Tensor xs) -> xs.sin().mul(3.0));

  @Test
  void theRuleIsFollowedUnderVmapOnly() {
    assertClose(SINE.apply(X), X.sin());
    assertClose(jit(SINE).apply(X), X.sin());
    assertClose(vmap(SINE).apply(X), X.sin().mul(3));
    assertClose(jit(vmap(SINE)).apply(X), X.sin().mul(3));
    assertClose(vmap(SINE, in(1)).apply(X), X.sin().mul(3).transpose());
    assertClose(vmap(SINE, in(0).chunked(3)).apply(X), X.sin().mul(3));
    assertClose(vmap(vmap(SINE)).apply(X), X.sin().mul(3));
  }

  @Test
  void derivativesOutsideAreThoseOfTheRuleInsideThoseOfTheFunction() {
    assertClose(grad((Tensor x) -> SINE.apply(x).sum()).apply(X), X.cos());
    assertClose(grad((Tensor x) -> vmap(SINE).apply(x).sum()).apply(X), X.cos().mul(3));
    assertClose(vmap(grad((Tensor x) -> SINE.apply(x).sum())).apply(X), X.cos());
    assertClose(jacfwd(SINE).apply(X.get(0)), jacfwd(Tensor::sin).apply(X.get(0)));
  }

  @Test
  void withACustomJvpToo() {
    Fn<Tensor, Tensor> both = customJvp(SINE, (x, dx) -> dx.mul(x.cos()).mul(5.0));
    assertClose(both.apply(X), X.sin());
    assertClose(vmap(both).apply(X), X.sin().mul(3));
    assertClose(grad((Tensor x) -> vmap(both).apply(x).sum()).apply(X), X.cos().mul(5));
    assertClose(vmap(grad((Tensor x) -> both.apply(x).sum())).apply(X), X.cos().mul(5));
  }

  @Test
  void twoArgumentsTreesAndCapturedTensors() {
    Tensor w = random(1, 3);
    Fn2<Tensor, List<Tensor>, List<Tensor>> f =
        customVmap(
            (a, pair) -> List.of(a.mul(pair.get(0)).mul(w), pair.get(1).sum()),
            (a, pair) -> List.of(a.add(pair.get(0)), pair.get(1).sum(1).mul(2)));
    List<Tensor> one = f.apply(X.get(0), List.of(X.get(1), X.get(2)));
    assertClose(one.get(0), X.get(0).mul(X.get(1)).mul(w));
    Tensor y = random(2, 3);
    List<Tensor> batch = vmap(f, in(0, List.of(NONE, 0))).apply(X, List.of(y, X));
    assertClose(batch.get(0), X.add(y));
    assertClose(batch.get(1), X.sum(1).mul(2));
  }

  @Test
  void rulesThatDoNotFit() {
    Fn<Tensor, Tensor> shape = customVmap(Tensor::sin, (Tensor xs) -> xs.sum(0));
    assertThatThrownBy(() -> vmap(shape).apply(X))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("customVmap: the result of the rule must be f64[4, 3]")
        .hasMessageContaining("got f64[3]");
    Fn<Tensor, Object> tree = customVmap((Tensor x) -> x, (Tensor xs) -> List.of(xs));
    assertThatThrownBy(() -> vmap(tree).apply(X)).isInstanceOf(TreeException.class);
    Tensor w = random(1, 3);
    Fn<Tensor, Tensor> closed = customVmap(x -> x.mul(w), (Tensor xs) -> xs.mul(w));
    assertThatThrownBy(() -> vmap(closed).apply(X))
        .isInstanceOf(TracerException.class)
        .hasMessageContaining("customVmap: the rule closes over f64[3]; pass it as an argument");
  }
}
