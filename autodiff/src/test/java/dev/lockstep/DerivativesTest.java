package dev.lockstep;

import static dev.lockstep.Control.cond;
import static dev.lockstep.Control.foriLoop;
import static dev.lockstep.Control.scan;
import static dev.lockstep.Derivatives.checkGrads;
import static dev.lockstep.Derivatives.customJvp;
import static dev.lockstep.Derivatives.customVjp;
import static dev.lockstep.Derivatives.ggnProduct;
import static dev.lockstep.Derivatives.hessianDiagonal;
import static dev.lockstep.Derivatives.hvp;
import static dev.lockstep.Derivatives.jacobian;
import static dev.lockstep.Derivatives.laplacian;
import static dev.lockstep.Derivatives.valueAndJacobian;
import static dev.lockstep.Derivatives.valueGradHessian;
import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.SECOND;
import static dev.lockstep.Lockstep.checkpoint;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.assertClose;
import static dev.lockstep.Tensors.assertEqual;
import static dev.lockstep.Tensors.random;
import static dev.lockstep.Tensors.scalar;
import static dev.lockstep.Tensors.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TracerException;
import dev.lockstep.error.TreeException;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class DerivativesTest extends EveryBackend {
  record Layer(Tensor w, Tensor b) {}

  /** sin with the derivative 3 cos, so that it shows which rule is followed. */
  private static final Fn<Tensor, Tensor> JVP =
      customJvp(Tensor::sin, (x, dx) -> dx.mul(x.cos()).mul(3.0));

  private static final Fn<Tensor, Tensor> VJP =
      customVjp(
          Tensor::sin, x -> new Forward<>(x.sin(), x.cos()), (cos, ct) -> ct.mul(cos).mul(3.0));

  /** The identity with a gradient that is clipped: not linear in the cotangent. */
  private static final Fn<Tensor, Tensor> CLIPPED =
      customVjp(x -> x, x -> new Forward<>(x, null), (none, ct) -> ct.clip(-1.0, 1.0));

  private static void assertFollowsTheRule(Fn<Tensor, Tensor> f) {
    Tensor x = random(0, 4);
    Tensor derivative = x.cos().mul(3.0);
    Tensor second = x.sin().mul(-3.0);
    Fn<Tensor, Tensor> sum = v -> f.apply(v).sum();
    assertClose(f.apply(x), x.sin());
    assertClose(jit(f).apply(x), x.sin());
    assertClose(grad(sum).apply(x), derivative);
    assertClose(jit(grad(sum)).apply(x), derivative);
    assertClose(jvp(f, x, Tensor.ones(DType.F64, 4)).tangent(), derivative);
    assertClose(jacfwd(f).apply(x), derivative.diag());
    assertClose(jacrev(f).apply(x), derivative.diag());
    assertClose(vmap(grad(f)).apply(x), derivative);
    assertClose(grad((Tensor v) -> vmap(f).apply(v).sum()).apply(x), derivative);
    assertClose(jacfwd(vmap(f)).apply(x), derivative.diag());
    assertClose(vmap(grad(grad(f))).apply(x), second);
    assertClose(hessian(sum).apply(x), second.diag());
    assertClose(jacfwd(jacfwd(sum)).apply(x), second.diag());
    assertClose(jacrev(jacrev(sum)).apply(x), second.diag());
    assertClose(vmap(vmap(grad(f))).apply(x.reshape(2, 2)).flatten(), derivative);
    assertClose(grad((Tensor v) -> checkpoint(f).apply(v).sum()).apply(x), derivative);
    assertClose(vmap(grad((Tensor v) -> cond(v.greater(9), u -> u, f, v))).apply(x), derivative);
    Tensor chain = x.sin().cos().mul(x.cos()).mul(9.0);
    assertClose(grad((Tensor v) -> foriLoop(2, (i, c) -> f.apply(c), v).sum()).apply(x), chain);
    assertClose(vmap(grad((Tensor v) -> foriLoop(2, (i, c) -> f.apply(c), v))).apply(x), chain);
    assertClose(jacfwd((Tensor v) -> foriLoop(2, (i, c) -> f.apply(c), v)).apply(x), chain.diag());
  }

  @Test
  void customRulesAreFollowed() {
    assertFollowsTheRule(JVP);
    assertFollowsTheRule(VJP);
  }

  @Test
  void customJvpOfTwoArgumentsAndTrees() {
    Fn2<Layer, Tensor, Tensor> f =
        customJvp(
            (Layer p, Tensor x) -> p.w.mul(x).add(p.b),
            (p, x, dp, dx) -> dp.w.mul(x).add(dx.mul(p.w).mul(2.0)).add(dp.b.mul(5.0)));
    Layer p = new Layer(scalar(3), scalar(4));
    Layer gradient = grad(f).apply(p, scalar(7));
    assertEqual(gradient.w, 7);
    assertEqual(gradient.b, 5);
    assertEqual(grad(f, SECOND).apply(p, scalar(7)), 6);
    Tensor each =
        vmap(grad(f, SECOND), in(0, NONE)).apply(new Layer(vector(1, 2), vector(0, 0)), scalar(7));
    assertEqual(each, 2, 4);
    Layer mapped = vmap(grad(f), in(NONE, 0)).apply(p, vector(1, 2));
    assertEqual(mapped.w, 1, 2);
    assertEqual(mapped.b, 5, 5);
  }

  @Test
  void customVjpOfTwoArguments() {
    Fn2<Tensor, Tensor, Tensor> f =
        customVjp(
            (Tensor a, Tensor b) -> a.mul(b),
            (a, b) -> new Forward<>(a.mul(b), new Layer(a, b)),
            (r, ct) -> new Cotangents.Two<>(ct.mul(r.b).mul(2.0), ct.mul(r.w).mul(5.0)));
    assertEqual(grad(f).apply(scalar(3), scalar(4)), 8);
    assertEqual(grad(f, SECOND).apply(scalar(3), scalar(4)), 15);
    assertEqual(vmap(grad(f, SECOND), in(NONE, 0)).apply(scalar(3), vector(1, 2)), 15, 15);
    Fn<Tensor, Tensor> summed = w -> vmap((Tensor x) -> f.apply(w, x)).apply(vector(1, 2)).sum();
    assertEqual(grad(summed).apply(scalar(3)), 6);
  }

  @Test
  void backwardNeedNotBeLinear() {
    Fn<Tensor, Tensor> f = x -> CLIPPED.apply(x).mul(vector(0.5, 7, -7)).sum();
    Tensor x = random(0, 3);
    assertEqual(grad(f).apply(x), 0.5, 1, -1);
    assertEqual(vmap(grad(f)).apply(random(0, 2, 3)).get(1), 0.5, 1, -1);
    assertEqual(
        grad((Tensor v) -> scan(c -> new Step<>(CLIPPED.apply(c).mul(9.0), null), v, 3).carry())
            .apply(scalar(1)),
        1);
    assertThatThrownBy(() -> jvp(CLIPPED, x, x))
        .isInstanceOf(TracerException.class)
        .hasMessageStartingWith(
            "customVjp: forward mode (jvp, jacfwd, linearize) needs a backward");
  }

  @Test
  void customRulesCloseOverConstantsOnly() {
    Tensor scale = scalar(2);
    Fn<Tensor, Tensor> f =
        customJvp((Tensor x) -> x.mul(scale), (x, dx) -> dx.mul(scale).mul(scale));
    assertEqual(grad(f).apply(scalar(1)), 4);
    Fn2<Tensor, Tensor, Tensor> closing =
        (a, x) -> customJvp((Tensor v) -> v.mul(a), (v, dv) -> dv.mul(a)).apply(x);
    assertEqual(vmap(grad(closing, SECOND)).apply(vector(2, 3), vector(1, 1)), 2, 3);
    assertThatThrownBy(() -> grad(closing).apply(scalar(2), scalar(3)))
        .isInstanceOf(TracerException.class)
        .hasMessageStartingWith(
            "customJvp: the function closes over a f64[] that is differentiated, for which there is"
                + " no rule; pass it as an argument. Called at (DerivativesTest.java:");
  }

  @Test
  void customRulesMustFit() {
    assertThatThrownBy(() -> customJvp((Tensor x) -> x.sum(), (x, dx) -> dx).apply(vector(1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith(
            "customJvp: the tangent that the rule returned must be f64[] like the primal, got"
                + " f64[2]");
    assertThatThrownBy(() ->
            customVjp((Tensor x) -> x.sum(), x -> new Forward<>(x.sum(), null), (none, ct) -> ct)
                .apply(vector(1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith(
            "customVjp: the cotangent that backward returned of argument 0 must be");
    assertThatThrownBy(() ->
            customVjp((Tensor x) -> x, x -> new Forward<>(x.sum(), null), (none, ct) -> ct)
                .apply(vector(1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("customVjp: the value that forward returned must be f64[2]");
  }

  @Test
  void hessianVectorProducts() {
    Fn<Tensor, Tensor> f = x -> x.sin().mul(x.sum()).sum();
    Tensor x = random(0, 4);
    Tensor v = random(1, 4);
    assertClose(hvp(f, x, v), hessian(f).apply(x).matmul(v));
    Fn<Layer, Tensor> g = p -> p.w.square().sum().mul(p.b);
    Layer product = hvp(g, new Layer(x, scalar(2)), new Layer(v, scalar(0)));
    assertClose(product.w, v.mul(4.0));
    assertClose(product.b, x.mul(v).sum().mul(2.0));
  }

  @Test
  void jacobianOfEitherMode() {
    Fn<Tensor, Tensor> tall = x -> Tensor.concatenate(0, x.sin(), x.cos());
    Fn<Tensor, Tensor> wide = x -> x.square().sum().mul(vector(1, 2));
    Tensor x = random(0, 3);
    assertClose(jacobian(tall).apply(x), jacfwd(tall).apply(x));
    assertClose(jacobian(wide).apply(x), jacrev(wide).apply(x));
    assertClose(
        vmap(jacobian(tall)).apply(random(1, 2, 3)).get(1),
        jacobian(tall).apply(random(1, 2, 3).get(1)));
  }

  @Test
  void checksOfGradients() {
    Tensor x = random(0, 3);
    assertThatCode(() -> checkGrads((Tensor v) -> v.sin().mul(v.sum()), x))
        .doesNotThrowAnyException();
    assertThatCode(() -> checkGrads((Tensor a, Tensor b) -> a.mul(b).exp(), x, random(1, 3)))
        .doesNotThrowAnyException();
    assertThatCode(() ->
            checkGrads((Layer p) -> new Layer(p.b.exp(), p.w.mul(p.b)), new Layer(x, scalar(0.5))))
        .doesNotThrowAnyException();
    assertThatCode(() -> checkGrads((Tensor v) -> v.sin(), x.cast(DType.F32)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> checkGrads(JVP, x))
        .isExactlyInstanceOf(LockstepException.class)
        .hasMessageContaining("checkGrads: the derivative of f64[3]")
        .hasMessageContaining("differs from central differences most by");
    assertThatThrownBy(() -> checkGrads(VJP, x)).isExactlyInstanceOf(LockstepException.class);
    assertThatThrownBy(() -> checkGrads((Tensor v) -> v, Tensor.of(1, 2)))
        .isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> checkGrads((Tensor v) -> null, x)).isInstanceOf(TreeException.class);
  }

  @Test
  void valuesWithTheirDerivatives() {
    Fn<Tensor, Tensor> f = x -> x.sin().mul(x.sum()).sum();
    Tensor x = random(0, 4);
    ValueGradHessian all = valueGradHessian(f).apply(x);
    assertClose(all.value(), f.apply(x));
    assertClose(all.gradient(), grad(f).apply(x));
    assertClose(all.hessian(), hessian(f).apply(x));
    Fn<Tensor, Tensor> g = v -> v.sin().mul(v.sum());
    ValueAndJacobian<Tensor> both = valueAndJacobian(g).apply(x);
    assertClose(both.value(), g.apply(x));
    assertClose(both.jacobian(), jacrev(g).apply(x));
    assertClose(
        vmap(valueAndJacobian(g)).apply(random(1, 2, 4)).value().get(0),
        g.apply(random(1, 2, 4).get(0)));
  }

  @Test
  void secondDerivativesWithoutTheHessian() {
    Fn<Tensor, Tensor> f = x -> x.sin().mul(x.sum()).sum();
    Tensor x = random(0, 4);
    Tensor diagonal = hessian(f).apply(x).mul(Tensor.eye(DType.F64, 4, 4)).sum(0);
    assertClose(hessianDiagonal(f).apply(x), diagonal);
    assertClose(laplacian(f).apply(x), diagonal.sum());
    assertClose(hessianDiagonal(f).apply(x.reshape(2, 2)).flatten(), diagonal);
    assertClose(hessianDiagonal(f).apply(scalar(0.3)), hessian(f).apply(scalar(0.3)));
    Tensor batch = random(1, 3, 4);
    assertClose(vmap(laplacian(f)).apply(batch).get(2), laplacian(f).apply(batch.get(2)));
    assertClose(grad(laplacian(f)).apply(x), Tensors.differences(laplacian(f), x), 1e-7);
    assertThatThrownBy(() -> laplacian((Tensor v) -> v.sin()).apply(x))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("laplacian: the function must return a scalar, it returned f64[4]");
  }

  @Test
  void errorsNameTheTransformThatWasCalled() {
    Tensor x = Tensor.of(1.0, 2.0);
    Tensor whole = Tensor.of(1, 2);
    Fn<Tensor, Tensor> f = v -> v.square().sum();
    assertStarts("hvp: the function must return a scalar", () -> hvp(Tensor::sin, x, x));
    assertStarts("hvp: arguments must be floating", () -> hvp(f, whole, whole));
    assertStarts("hvp: the tangent of argument 0 must be f64[2]", () -> hvp(f, x, Tensor.of(1.0)));
    assertStarts("hvp: the tangent", () -> hvp((Tensor a, Tensor b) -> f.apply(a), x, x, whole));
    assertStarts(
        "valueAndJacobian: arguments must be floating", () -> valueAndJacobian(f).apply(whole));
    Fn2<Tensor, Tensor, Tensor> two = (a, b) -> a.mul(b);
    assertStarts(
        "valueAndJacobian: arguments must be floating",
        () -> valueAndJacobian(two).apply(whole, x));
    assertStarts(
        "valueGradHessian: the function must return a scalar",
        () -> valueGradHessian(Tensor::sin).apply(x));
    assertStarts(
        "hessianDiagonal: arguments must be floating", () -> hessianDiagonal(f).apply(whole));
    assertStarts("ggnProduct: the tangent", () -> ggnProduct(Tensor::sin, f, x, whole));
  }

  @Test
  void valuesWithDerivativesCallTheFunctionOnce() {
    AtomicInteger calls = new AtomicInteger();
    Fn<Tensor, Tensor> f =
        v -> {
          calls.incrementAndGet();
          return v.sin().mul(v);
        };
    Tensor x = Tensor.of(0.3, -1.2);
    assertClose(valueAndJacobian(f).apply(x).value(), x.sin().mul(x));
    assertThat(calls.getAndSet(0)).isEqualTo(1);
    Fn<Tensor, Tensor> sum = v -> f.apply(v).sum();
    assertClose(valueGradHessian(sum).apply(x).gradient(), x.sin().add(x.mul(x.cos())));
    assertThat(calls.getAndSet(0)).isEqualTo(1);
    Tensor v = Tensor.of(1.0, 2.0);
    Tensor slope = x.sin().add(x.mul(x.cos()));
    Tensor product = ggnProduct(f, y -> y.square().sum(), x, v);
    assertClose(product, slope.square().mul(v).mul(2.0));
    assertThat(calls.get()).isEqualTo(1);
  }

  private static void assertStarts(String text, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(LockstepException.class).message().startsWith(text);
  }

  @Test
  void gaussNewtonProducts() {
    Fn<Tensor, Tensor> f = x -> Tensor.concatenate(0, x.sin(), x.square().sum().expandDims(0));
    Fn<Tensor, Tensor> loss = y -> y.sub(0.5).square().sum().exp();
    Tensor x = random(0, 3).mul(0.3);
    Tensor v = random(1, 3);
    Tensor jacobian = jacfwd(f).apply(x);
    Tensor expected =
        jacobian.transpose().matmul(hessian(loss).apply(f.apply(x))).matmul(jacobian).matmul(v);
    assertClose(ggnProduct(f, loss, x, v), expected, 1e-10);
  }
}
