package dev.lockstep;

import static dev.lockstep.Derivatives.checkGrads;
import static dev.lockstep.Derivatives.customJvp;
import static dev.lockstep.Derivatives.customVjp;
import static dev.lockstep.Derivatives.customVmap;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.LockstepException;
import dev.lockstep.error.TracerException;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Several rules on one function; rules checked against differences. */
class CustomRulesTogetherTest extends EveryBackend {
  private static final Tensor X = random(0, 4, 3);
  private static final Tensor COS = X.cos();

  // Each rule of the sine has a factor of its own, so that it shows which one is followed.

  private static Fn<Tensor, Tensor> withJvp(Fn<Tensor, Tensor> f) {
    return customJvp(f, (x, dx) -> dx.mul(x.cos()).mul(5.0));
  }

  private static Fn<Tensor, Tensor> withVjp(Fn<Tensor, Tensor> f) {
    return customVjp(f, x -> new Forward<>(f.apply(x), x.cos()), (cos, ct) -> ct.mul(cos).mul(7.0));
  }

  private static Fn<Tensor, Tensor> withVmap(Fn<Tensor, Tensor> f) {
    return customVmap(f, (Tensor xs) -> xs.sin().mul(3.0));
  }

  /** The values of a batch by the vmap rule, all derivatives with this factor. */
  private static void assertFollows(Fn<Tensor, Tensor> f, double derivative) {
    Fn<Tensor, Tensor> sum = x -> f.apply(x).sum();
    Fn<Tensor, Tensor> batched = x -> vmap(f).apply(x).sum();
    assertClose(f.apply(X), X.sin());
    assertClose(jit(f).apply(X), X.sin());
    assertClose(vmap(f).apply(X), X.sin().mul(3));
    assertClose(jit(vmap(f)).apply(X), X.sin().mul(3));
    Tensor ones = X.mul(0).add(1);
    assertClose(jvp(f, X, ones).tangent(), COS.mul(derivative));
    assertClose(grad(sum).apply(X), COS.mul(derivative));
    assertClose(jit(grad(sum)).apply(X), COS.mul(derivative));
    assertClose(jvp(vmap(f), X, ones).tangent(), COS.mul(derivative));
    assertClose(grad(batched).apply(X), COS.mul(derivative));
    assertClose(vmap(grad(sum)).apply(X), COS.mul(derivative));
    Tensor row = X.get(1);
    assertClose(jacfwd(f).apply(row), row.cos().mul(derivative).diag());
    assertClose(jacrev(f).apply(row), row.cos().mul(derivative).diag());
    Tensor second = row.sin().mul(-derivative).diag();
    assertClose(jacfwd(grad(sum)).apply(row), second);
    assertClose(jacrev(grad(sum)).apply(row), second);
  }

  @Test
  void theOutermostDerivativeRuleIsFollowed() {
    assertFollows(withJvp(withVmap(Tensor::sin)), 5);
    assertFollows(withVjp(withVmap(Tensor::sin)), 7);
    assertFollows(withJvp(withVjp(withVmap(Tensor::sin))), 5);
    assertFollows(withVjp(withJvp(withVmap(Tensor::sin))), 7);
    assertFollows(withJvp(withVmap(withVjp(Tensor::sin))), 5);
    assertFollows(withVjp(withVmap(withJvp(Tensor::sin))), 7);
  }

  /** A rule for batches outside: derivatives of batches are its own, others those inside. */
  @Test
  void aRuleForBatchesOutermost() {
    Fn<Tensor, Tensor> all = withVmap(withJvp(withVjp(Tensor::sin)));
    Fn<Tensor, Tensor> sum = x -> all.apply(x).sum();
    assertClose(all.apply(X), X.sin());
    assertClose(vmap(all).apply(X), X.sin().mul(3));
    assertClose(grad(sum).apply(X), COS.mul(5));
    assertClose(vmap(grad(sum)).apply(X), COS.mul(5));
    assertClose(grad((Tensor x) -> vmap(all).apply(x).sum()).apply(X), COS.mul(3));
  }

  @Test
  void checksFindRulesThatAreWrong() {
    Tensor x = random(1, 3);
    Fn2<Tensor, Tensor, Tensor> rule = (v, dv) -> dv.mul(v.cos());
    assertThatCode(() -> checkGrads(customJvp(Tensor::sin, rule), x)).doesNotThrowAnyException();
    assertThatCode(() -> checkGrads(vmap(customJvp(Tensor::sin, rule)), x))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> checkGrads(withJvp(Tensor::sin), x))
        .isInstanceOf(LockstepException.class)
        .hasMessageStartingWith(
            "checkGrads: the derivative of f64[3] from (CustomRulesTogetherTest.java:");
    Fn<Tensor, Tensor> right =
        customVjp(Tensor::sin, v -> new Forward<>(v.sin(), v), (v, ct) -> ct.mul(v.cos()));
    assertThatCode(() -> checkGrads(right, x)).doesNotThrowAnyException();
    assertThatThrownBy(() -> checkGrads(withVjp(Tensor::sin), x))
        .isInstanceOf(LockstepException.class)
        .hasMessageStartingWith(
            "checkGrads: the derivative of f64[3] from (CustomRulesTogetherTest.java:");
    // The function under the rule is what differences see, so a wrong forward value shows too.
    Fn<Tensor, Tensor> value =
        customVjp(Tensor::sin, v -> new Forward<>(v.sin().mul(2), v), (v, ct) -> ct.mul(v.cos()));
    assertThatThrownBy(() -> checkGrads(value, x))
        .isInstanceOf(LockstepException.class)
        .hasMessageContaining("checkGrads: the value under differentiation differs");
  }

  @Test
  void checksOfSeveralArguments() {
    Tensor x = random(1, 3);
    Fn2<Tensor, Tensor, Tensor> wrong =
        customVjp(
            (Tensor a, Tensor b) -> a.mul(b),
            (a, b) -> new Forward<>(a.mul(b), new Tensor[] {a, b}),
            (saved, ct) -> new Cotangents.Two<>(ct.mul(saved[1]), ct.mul(saved[1])));
    assertThatThrownBy(() -> checkGrads(wrong, x, x.add(1))).isInstanceOf(LockstepException.class);
    Fn3<Tensor, Tensor, Tensor, Tensor> three =
        customJvp(
            (Tensor a, Tensor b, Tensor c) -> a.mul(b).mul(c),
            (a, b, c, da, db, dc) -> da.mul(b).mul(c).add(a.mul(db).mul(c)));
    assertThatThrownBy(() -> checkGrads(three, x, x, x.add(1)))
        .isInstanceOf(LockstepException.class)
        .hasMessageStartingWith("checkGrads:");
    Fn4<Tensor, Tensor, Tensor, Tensor, Tensor> four = (a, b, c, d) -> a.mul(b).add(c.mul(d));
    assertThatCode(() -> checkGrads(four, x, x, x, x)).doesNotThrowAnyException();
  }

  /** As JAX: no rule says what the derivative is, so it is refused and not taken for zero. */
  @Test
  void whatIsClosedOverHasNoDerivative() {
    Fn2<Tensor, Tensor, Tensor> jvp =
        (a, x) -> customJvp((Tensor v) -> v.mul(a), (v, dv) -> dv.mul(a)).apply(x);
    Fn2<Tensor, Tensor, Tensor> vjp =
        (a, x) ->
            customVjp((Tensor v) -> v.mul(a), v -> new Forward<>(v.mul(a), a), (s, ct) -> ct.mul(s))
                .apply(x);
    assertClose(grad(jvp, Lockstep.SECOND).apply(scalar(2), scalar(3)), 2);
    assertClose(grad(vjp, Lockstep.SECOND).apply(scalar(2), scalar(3)), 2);
    String refused = "closes over a f64[] that is differentiated, for which there is no rule; pass";
    assertThatThrownBy(() -> grad(jvp).apply(scalar(2), scalar(3)))
        .isInstanceOf(TracerException.class)
        .hasMessageStartingWith("customJvp: the function " + refused);
    assertThatThrownBy(() -> grad(vjp).apply(scalar(2), scalar(3)))
        .isInstanceOf(TracerException.class)
        .hasMessageStartingWith("customVjp: the function " + refused);
    assertThatThrownBy(() -> Lockstep.jvp((Tensor a) -> vjp.apply(a, a), scalar(2), scalar(1)))
        .isInstanceOf(TracerException.class);
    Fn2<Tensor, Tensor, Tensor> stopped = (a, x) -> vjp.apply(a.stopGradient(), x);
    assertClose(grad(stopped).apply(scalar(2), scalar(3)), 0);
  }
}
