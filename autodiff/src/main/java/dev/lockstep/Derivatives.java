package dev.lockstep;

import dev.lockstep.Argument.First;
import dev.lockstep.Argument.Fourth;
import dev.lockstep.Argument.Second;
import dev.lockstep.Argument.Third;
import dev.lockstep.autodiff.Arity;
import dev.lockstep.autodiff.AuxGradient;
import dev.lockstep.autodiff.BlockHessianFunction;
import dev.lockstep.autodiff.CustomJvpFunction;
import dev.lockstep.autodiff.CustomVjpFunction;
import dev.lockstep.autodiff.CustomVmapFunction;
import dev.lockstep.autodiff.GradientCheck;
import dev.lockstep.autodiff.GradientFunction;
import dev.lockstep.autodiff.JacobianFunction;
import dev.lockstep.autodiff.LinearTranspose;
import dev.lockstep.autodiff.OneProgram;
import dev.lockstep.autodiff.Pushforward;
import dev.lockstep.autodiff.SecondDerivatives;
import dev.lockstep.autodiff.TracedOnce;
import dev.lockstep.autodiff.Variadic;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.Fn6;
import dev.lockstep.tensor.Fn8;
import dev.lockstep.tensor.Tensor;

/**
 * Derivatives besides those of {@link Lockstep}: rules of one's own, products with Hessians,
 * checks.
 */
public final class Derivatives {
  private Derivatives() {}

  /**
   * Returns {@code f} with a rule for its tangents, which forward and reverse mode follow in place
   * of what {@code f} does.
   *
   * <pre>{@code
   * customJvp(x -> x.exp().add(1.0).log(), (x, dx) -> dx.mul(x.sigmoid()))      // stable softplus
   * }</pre>
   *
   * <p>What {@code f} or the rule closes over is a constant: if an enclosing transform
   * differentiates it, a {@link dev.lockstep.error.TracerException} asks to pass it as an argument
   * (or {@code stopGradient()} of it). Of several rules on one function the outermost is followed.
   *
   * @param rule takes the argument and its tangent, gives the result's tangent; linear in the
   *     tangent
   */
  public static <A, R> Fn<A, R> customJvp(Fn<A, R> f, Fn2<A, A, R> rule) {
    return Arity.one(new CustomJvpFunction(Arity.of(f), Arity.of(rule)));
  }

  /** As {@link #customJvp(Fn, Fn2)}: the rule takes both arguments, then a tangent for each. */
  public static <A, B, R> Fn2<A, B, R> customJvp(Fn2<A, B, R> f, Fn4<A, B, A, B, R> rule) {
    return Arity.two(new CustomJvpFunction(Arity.of(f), Arity.of(rule)));
  }

  /**
   * As {@link #customJvp(Fn, Fn2)}: the rule takes all three arguments, then a tangent for each.
   */
  public static <A, B, C, R> Fn3<A, B, C, R> customJvp(
      Fn3<A, B, C, R> f, Fn6<A, B, C, A, B, C, R> rule) {
    return Arity.three(new CustomJvpFunction(Arity.of(f), Arity.of(rule)));
  }

  /** As {@link #customJvp(Fn, Fn2)}: the rule takes all four arguments, then a tangent for each. */
  public static <A, B, C, D, R> Fn4<A, B, C, D, R> customJvp(
      Fn4<A, B, C, D, R> f, Fn8<A, B, C, D, A, B, C, D, R> rule) {
    return Arity.four(new CustomJvpFunction(Arity.of(f), Arity.of(rule)));
  }

  /**
   * Returns {@code f} with a rule for reverse mode. Forward mode follows it too if {@code backward}
   * is linear in the cotangent.
   *
   * <pre>{@code
   * customVjp(x -> x, x -> new Forward<>(x, null), (none, ct) -> ct.clip(-1.0, 1.0))
   * }</pre>
   *
   * <p>What is closed over is a constant, as for {@link #customJvp(Fn, Fn2)}.
   *
   * @param forward takes the argument, gives the value and what {@code backward} needs
   * @param backward takes that and the value's cotangent, gives the argument's
   */
  public static <A, R, S> Fn<A, R> customVjp(
      Fn<A, R> f, Fn<A, Forward<R, S>> forward, Fn2<S, R, A> backward) {
    return Arity.one(new CustomVjpFunction(Arity.of(f), Arity.of(forward), Arity.of(backward)));
  }

  /** As {@link #customVjp(Fn, Fn, Fn2)}, of two arguments. */
  public static <A, B, R, S> Fn2<A, B, R> customVjp(
      Fn2<A, B, R> f, Fn2<A, B, Forward<R, S>> forward, Fn2<S, R, Cotangents.Two<A, B>> backward) {
    return Arity.two(new CustomVjpFunction(Arity.of(f), Arity.of(forward), Arity.of(backward)));
  }

  /** As {@link #customVjp(Fn, Fn, Fn2)}, of three arguments. */
  public static <A, B, C, R, S> Fn3<A, B, C, R> customVjp(
      Fn3<A, B, C, R> f,
      Fn3<A, B, C, Forward<R, S>> forward,
      Fn2<S, R, Cotangents.Three<A, B, C>> backward) {
    return Arity.three(new CustomVjpFunction(Arity.of(f), Arity.of(forward), Arity.of(backward)));
  }

  /** As {@link #customVjp(Fn, Fn, Fn2)}, of four arguments. */
  public static <A, B, C, D, R, S> Fn4<A, B, C, D, R> customVjp(
      Fn4<A, B, C, D, R> f,
      Fn4<A, B, C, D, Forward<R, S>> forward,
      Fn2<S, R, Cotangents.Four<A, B, C, D>> backward) {
    return Arity.four(new CustomVjpFunction(Arity.of(f), Arity.of(forward), Arity.of(backward)));
  }

  /**
   * Returns {@code f} with a rule for batches, which {@link Lockstep#vmap} follows in place of
   * mapping what {@code f} does. Derivatives outside of the vmap are those of the rule, derivatives
   * inside of it those of {@code f}, which are mapped as usual; {@link #customJvp} of the result
   * gives both.
   *
   * <pre>{@code
   * customVmap(x -> x.sum(), xs -> xs.sum(1))
   * }</pre>
   *
   * @param rule takes the argument with the batch as axis 0 of all its tensors, gives the results
   *     so; what is the same for all examples is repeated. It closes over no tensors but scalars.
   */
  public static <A, R> Fn<A, R> customVmap(Fn<A, R> f, Fn<A, R> rule) {
    return Arity.one(new CustomVmapFunction(Arity.of(f), Arity.of(rule)));
  }

  /** As {@link #customVmap(Fn, Fn)}, of two arguments. */
  public static <A, B, R> Fn2<A, B, R> customVmap(Fn2<A, B, R> f, Fn2<A, B, R> rule) {
    return Arity.two(new CustomVmapFunction(Arity.of(f), Arity.of(rule)));
  }

  /** As {@link #customVmap(Fn, Fn)}, of three arguments. */
  public static <A, B, C, R> Fn3<A, B, C, R> customVmap(Fn3<A, B, C, R> f, Fn3<A, B, C, R> rule) {
    return Arity.three(new CustomVmapFunction(Arity.of(f), Arity.of(rule)));
  }

  /** As {@link #customVmap(Fn, Fn)}, of four arguments. */
  public static <A, B, C, D, R> Fn4<A, B, C, D, R> customVmap(
      Fn4<A, B, C, D, R> f, Fn4<A, B, C, D, R> rule) {
    return Arity.four(new CustomVmapFunction(Arity.of(f), Arity.of(rule)));
  }

  /**
   * Returns the Hessian of {@code f} at {@code x} times {@code v}, forward over reverse, without
   * the Hessian: about four times the work of {@code f}.
   */
  public static <A> A hvp(Fn<A, Tensor> f, A x, A v) {
    return hvp("hvp", f, x, v);
  }

  /** As {@link #hvp(Fn, Object, Object)}, with respect to the first argument. */
  public static <A, B> A hvp(Fn2<A, B, Tensor> f, A a, B b, A v) {
    return hvp((A x) -> f.apply(x, b), a, v);
  }

  /** As {@link #hvp(Fn, Object, Object)}, with respect to the first argument. */
  public static <A, B, C> A hvp(Fn3<A, B, C, Tensor> f, A a, B b, C c, A v) {
    return hvp((A x) -> f.apply(x, b, c), a, v);
  }

  /** As {@link #hvp(Fn, Object, Object)}, with respect to the first argument. */
  public static <A, B, C, D> A hvp(Fn4<A, B, C, D, Tensor> f, A a, B b, C c, D d, A v) {
    return hvp((A x) -> f.apply(x, b, c, d), a, v);
  }

  /**
   * Returns the Hessian of {@code f} of a tree, forward over reverse: the second derivatives with
   * respect to each pair of the argument's tensors. Of one tensor, {@link Lockstep#hessian} gives
   * it as a tensor.
   *
   * @throws dev.lockstep.error.DTypeException when called, if a tensor of the argument or the
   *     result is not floating
   */
  public static <A> Fn<A, HessianBlocks<A>> hessianBlocks(Fn<A, Tensor> f) {
    return Arity.one(new BlockHessianFunction(Arity.of(f)));
  }

  /** As {@link #hessianBlocks(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, HessianBlocks<A>> hessianBlocks(Fn2<A, B, Tensor> f) {
    return Arity.two(new BlockHessianFunction(Arity.of(f)));
  }

  /** As {@link #hessianBlocks(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, HessianBlocks<A>> hessianBlocks(Fn3<A, B, C, Tensor> f) {
    return Arity.three(new BlockHessianFunction(Arity.of(f)));
  }

  /** As {@link #hessianBlocks(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, HessianBlocks<A>> hessianBlocks(
      Fn4<A, B, C, D, Tensor> f) {
    return Arity.four(new BlockHessianFunction(Arity.of(f)));
  }

  /**
   * Returns the Jacobian of {@code f} in the mode that takes fewer passes: {@link
   * Lockstep#jacfwd(Fn)} if the argument has fewer elements than the result, else {@link
   * Lockstep#jacrev(Fn)}.
   */
  public static <A> Fn<A, A> jacobian(Fn<A, Tensor> f) {
    return Arity.one(JacobianFunction.smaller(Arity.of(f), 0));
  }

  /** As {@link #jacobian(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> jacobian(Fn2<A, B, Tensor> f) {
    return Arity.two(JacobianFunction.smaller(Arity.of(f), 0));
  }

  /** As {@link #jacobian(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> jacobian(Fn2<A, B, Tensor> f, First wrt) {
    return Arity.two(JacobianFunction.smaller(Arity.of(f), 0));
  }

  /** As {@link #jacobian(Fn)}, with respect to the second argument. */
  public static <A, B> Fn2<A, B, B> jacobian(Fn2<A, B, Tensor> f, Second wrt) {
    return Arity.two(JacobianFunction.smaller(Arity.of(f), 1));
  }

  /** As {@link #jacobian(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> jacobian(Fn3<A, B, C, Tensor> f) {
    return Arity.three(JacobianFunction.smaller(Arity.of(f), 0));
  }

  /** As {@link #jacobian(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> jacobian(Fn3<A, B, C, Tensor> f, First wrt) {
    return Arity.three(JacobianFunction.smaller(Arity.of(f), 0));
  }

  /** As {@link #jacobian(Fn)}, with respect to the second argument. */
  public static <A, B, C> Fn3<A, B, C, B> jacobian(Fn3<A, B, C, Tensor> f, Second wrt) {
    return Arity.three(JacobianFunction.smaller(Arity.of(f), 1));
  }

  /** As {@link #jacobian(Fn)}, with respect to the third argument. */
  public static <A, B, C> Fn3<A, B, C, C> jacobian(Fn3<A, B, C, Tensor> f, Third wrt) {
    return Arity.three(JacobianFunction.smaller(Arity.of(f), 2));
  }

  /** As {@link #jacobian(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> jacobian(Fn4<A, B, C, D, Tensor> f) {
    return Arity.four(JacobianFunction.smaller(Arity.of(f), 0));
  }

  /** As {@link #jacobian(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> jacobian(Fn4<A, B, C, D, Tensor> f, First wrt) {
    return Arity.four(JacobianFunction.smaller(Arity.of(f), 0));
  }

  /** As {@link #jacobian(Fn)}, with respect to the second argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, B> jacobian(Fn4<A, B, C, D, Tensor> f, Second wrt) {
    return Arity.four(JacobianFunction.smaller(Arity.of(f), 1));
  }

  /** As {@link #jacobian(Fn)}, with respect to the third argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, C> jacobian(Fn4<A, B, C, D, Tensor> f, Third wrt) {
    return Arity.four(JacobianFunction.smaller(Arity.of(f), 2));
  }

  /** As {@link #jacobian(Fn)}, with respect to the fourth argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, D> jacobian(Fn4<A, B, C, D, Tensor> f, Fourth wrt) {
    return Arity.four(JacobianFunction.smaller(Arity.of(f), 3));
  }

  /**
   * Checks the derivatives of {@code f} at {@code x}: the value under differentiation against the
   * plain one, forward mode against central differences, and reverse mode against forward mode, in
   * random directions. So it finds wrong rules of {@link #customJvp} and {@link #customVjp}. Of
   * bf16 the differences are those of the function on f32:
   *
   * <pre>{@code
   * checkGrads(customJvp(Tensor::sin, (x, dx) -> dx.mul(x.sin())), x)      // throws: not cos(x)
   * }</pre>
   *
   * @throws dev.lockstep.error.LockstepException if they differ, with the largest difference
   */
  public static <A, R> void checkGrads(Fn<A, R> f, A x) {
    GradientCheck.check(Arity.of(f), x);
  }

  /** As {@link #checkGrads(Fn, Object)}, of two arguments. */
  public static <A, B, R> void checkGrads(Fn2<A, B, R> f, A a, B b) {
    GradientCheck.check(Arity.of(f), a, b);
  }

  /** As {@link #checkGrads(Fn, Object)}, of three arguments. */
  public static <A, B, C, R> void checkGrads(Fn3<A, B, C, R> f, A a, B b, C c) {
    GradientCheck.check(Arity.of(f), a, b, c);
  }

  /** As {@link #checkGrads(Fn, Object)}, of four arguments. */
  public static <A, B, C, D, R> void checkGrads(Fn4<A, B, C, D, R> f, A a, B b, C c, D d) {
    GradientCheck.check(Arity.of(f), a, b, c, d);
  }

  /**
   * Returns the gradient of the value of {@code f} with the value and what {@code f} hands on
   * beside it.
   */
  public static <A, V> Fn<A, GradWithAux<A, V>> gradWithAux(Fn<A, WithAux<V>> f) {
    return Arity.one(new AuxGradient(Arity.of(f), 0));
  }

  /** As {@link #gradWithAux(Fn)}, with respect to the first of two arguments. */
  public static <A, B, V> Fn2<A, B, GradWithAux<A, V>> gradWithAux(Fn2<A, B, WithAux<V>> f) {
    return Arity.two(new AuxGradient(Arity.of(f), 0));
  }

  /**
   * Returns the transpose of a linear function: from a cotangent of its result to that of its
   * argument.
   *
   * @param like a tensor tree of the argument's types; its values do not matter
   * @throws dev.lockstep.error.LockstepException if {@code f} is not linear
   */
  public static <A, R> Fn<R, A> linearTranspose(Fn<A, R> f, A like) {
    return Arity.one(LinearTranspose.of(Arity.of(f), like));
  }

  /** Returns the value and the Jacobian of {@code f}, as {@link #jacobian}, in one program. */
  public static <A> Fn<A, ValueAndJacobian<A>> valueAndJacobian(Fn<A, Tensor> f) {
    return Arity.one(withJacobian(Arity.of(f)));
  }

  /** As {@link #valueAndJacobian(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, ValueAndJacobian<A>> valueAndJacobian(Fn2<A, B, Tensor> f) {
    return Arity.two(withJacobian(Arity.of(f)));
  }

  /** As {@link #valueAndJacobian(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, ValueAndJacobian<A>> valueAndJacobian(
      Fn3<A, B, C, Tensor> f) {
    return Arity.three(withJacobian(Arity.of(f)));
  }

  /** As {@link #valueAndJacobian(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, ValueAndJacobian<A>> valueAndJacobian(
      Fn4<A, B, C, D, Tensor> f) {
    return Arity.four(withJacobian(Arity.of(f)));
  }

  /** Returns the value, the gradient and the Hessian of a scalar function in one program. */
  public static Fn<Tensor, ValueGradHessian> valueGradHessian(Fn<Tensor, Tensor> f) {
    String transform = "valueGradHessian";
    return together(
        transform,
        x -> {
          TracedOnce traced = TracedOnce.at(transform, Arity.of(f), x);
          Fn<Tensor, Tensor> once = Arity.one(traced);
          Fn<Tensor, Tensor> gradient = Arity.one(GradientFunction.within(transform, traced));
          Fn<Tensor, Tensor> hessian = Lockstep.hessian(once);
          return new ValueGradHessian(once.apply(x), gradient.apply(x), hessian.apply(x));
        });
  }

  /**
   * Returns the diagonal of the Hessian of a scalar function, {@code ∂²f/∂x[i]²}, of the shape of
   * {@code x}, without the Hessian: forward over forward along all unit vectors.
   */
  public static Fn<Tensor, Tensor> hessianDiagonal(Fn<Tensor, Tensor> f) {
    return together("hessianDiagonal", x -> SecondDerivatives.diagonal("hessianDiagonal", f, x));
  }

  /** Returns the Laplacian {@code Σ ∂²f/∂x[i]²} of a scalar function, without the Hessian. */
  public static Fn<Tensor, Tensor> laplacian(Fn<Tensor, Tensor> f) {
    return together("laplacian", x -> SecondDerivatives.diagonal("laplacian", f, x).sum());
  }

  /**
   * Returns the generalised Gauss-Newton matrix of {@code loss(f(x))} times {@code v}: {@code Jᵀ H
   * J v} with the Jacobian J of {@code f} and the Hessian H of {@code loss} (Schraudolph 2002).
   */
  public static <A> A ggnProduct(Fn<A, Tensor> f, Fn<Tensor, Tensor> loss, A x, A v) {
    String transform = "ggnProduct";
    TracedOnce traced = TracedOnce.at(transform, Arity.of(f), x);
    Fn<A, Tensor> once = Arity.one(traced);
    Jvp<Tensor> pushed = Pushforward.jvp(transform, traced, new Object[] {x}, new Object[] {v});
    Tensor curved = hvp(transform, loss, pushed.value(), pushed.tangent());
    return Lockstep.vjp(once, x).pullback().apply(curved);
  }

  private static Variadic withJacobian(Variadic f) {
    String transform = "valueAndJacobian";
    Variadic both =
        arguments -> {
          TracedOnce once = TracedOnce.at(transform, f, arguments);
          Object jacobian = JacobianFunction.smallerWithin(transform, once).apply(arguments);
          return new ValueAndJacobian<>((Tensor) once.apply(arguments), jacobian);
        };
    return new OneProgram(transform, both);
  }

  private static <A> A hvp(String transform, Fn<A, Tensor> f, A x, A v) {
    GradientFunction gradient = GradientFunction.within(transform, Arity.of(f));
    Jvp<A> pushed = Pushforward.jvp(transform, gradient, new Object[] {x}, new Object[] {v});
    return pushed.tangent();
  }

  private static <A, R> Fn<A, R> together(String name, Fn<A, R> f) {
    return Arity.one(new OneProgram(name, Arity.of(f)));
  }
}
