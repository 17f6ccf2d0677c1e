package dev.lockstep;

import dev.lockstep.Argument.First;
import dev.lockstep.Argument.Fourth;
import dev.lockstep.Argument.Second;
import dev.lockstep.Argument.Third;
import dev.lockstep.autodiff.Arity;
import dev.lockstep.autodiff.BatchedFunction;
import dev.lockstep.autodiff.CacheMisses;
import dev.lockstep.autodiff.CheckpointedFunction;
import dev.lockstep.autodiff.CompiledFunction;
import dev.lockstep.autodiff.GradientFunction;
import dev.lockstep.autodiff.JacobianFunction;
import dev.lockstep.autodiff.JittedArity;
import dev.lockstep.autodiff.LinearMap;
import dev.lockstep.autodiff.Pullback;
import dev.lockstep.autodiff.Pushforward;
import dev.lockstep.autodiff.ShapeEvaluation;
import dev.lockstep.autodiff.VectorizedFunction;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Unary;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import java.util.Map;

/**
 * The door: transforms of functions, to be imported with {@code import static
 * dev.lockstep.Lockstep.*}. They compose to any depth and in any order. Each is overloaded for
 * functions of one to four arguments; arguments and results are trees (see {@link
 * dev.lockstep.tensor.Tree}).
 */
public final class Lockstep {
  /** In {@link #in} and {@link #out}: not mapped, the same for all examples. */
  public static final Axes.None NONE = Axes.None.NONE;

  /** Differentiates with respect to the first argument. */
  public static final First FIRST = First.FIRST;

  /** Differentiates with respect to the second argument. */
  public static final Second SECOND = Second.SECOND;

  /** Differentiates with respect to the third argument. */
  public static final Third THIRD = Third.THIRD;

  /** Differentiates with respect to the fourth argument. */
  public static final Fourth FOURTH = Fourth.FOURTH;

  private Lockstep() {}

  /**
   * Returns {@code f} over a batch: all arguments mapped along axis 0, the results' batch at axis
   * 0.
   *
   * <pre>{@code
   * Fn2<Tensor, Tensor, Tensor> dots = vmap(Tensor::dot);       // f32[B, n], f32[B, n] -> f32[B]
   * }</pre>
   *
   * @throws dev.lockstep.error.ShapeException when called, if the batch sizes differ
   */
  public static <A, R> Fn<A, R> vmap(Fn<A, R> f) {
    return vmap(f, in(0));
  }

  /**
   * Returns {@code f} over a batch along chosen axes of the arguments, or of parts of them.
   *
   * <pre>{@code
   * vmap(grad(this::loss), in(NONE, 0, 0));                     // a gradient an example
   * vmap(this::predict, in(axis("w", 0), NONE));                // many weights, one bias and x
   * }</pre>
   *
   * @throws dev.lockstep.error.AxisException if {@code in} does not fit {@code f}
   */
  public static <A, R> Fn<A, R> vmap(Fn<A, R> f, Axes.In in) {
    return vmap(f, in, out(0));
  }

  /**
   * Returns {@code f} over a batch along chosen axes of the arguments and of the results.
   *
   * @throws dev.lockstep.error.AxisException if {@code in} or, when called, {@code out} does not
   *     fit
   */
  public static <A, R> Fn<A, R> vmap(Fn<A, R> f, Axes.In in, Axes.Out out) {
    return Arity.one(new BatchedFunction(Arity.of(f), 1, in, out));
  }

  /** As {@link #vmap(Fn)}, of two arguments. */
  public static <A, B, R> Fn2<A, B, R> vmap(Fn2<A, B, R> f) {
    return vmap(f, in(0, 0));
  }

  /** As {@link #vmap(Fn, Axes.In)}, of two arguments. */
  public static <A, B, R> Fn2<A, B, R> vmap(Fn2<A, B, R> f, Axes.In in) {
    return vmap(f, in, out(0));
  }

  /** As {@link #vmap(Fn, Axes.In, Axes.Out)}, of two arguments. */
  public static <A, B, R> Fn2<A, B, R> vmap(Fn2<A, B, R> f, Axes.In in, Axes.Out out) {
    return Arity.two(new BatchedFunction(Arity.of(f), 2, in, out));
  }

  /** As {@link #vmap(Fn)}, of three arguments. */
  public static <A, B, C, R> Fn3<A, B, C, R> vmap(Fn3<A, B, C, R> f) {
    return vmap(f, in(0, 0, 0));
  }

  /** As {@link #vmap(Fn, Axes.In)}, of three arguments. */
  public static <A, B, C, R> Fn3<A, B, C, R> vmap(Fn3<A, B, C, R> f, Axes.In in) {
    return vmap(f, in, out(0));
  }

  /** As {@link #vmap(Fn, Axes.In, Axes.Out)}, of three arguments. */
  public static <A, B, C, R> Fn3<A, B, C, R> vmap(Fn3<A, B, C, R> f, Axes.In in, Axes.Out out) {
    return Arity.three(new BatchedFunction(Arity.of(f), 3, in, out));
  }

  /** As {@link #vmap(Fn)}, of four arguments. */
  public static <A, B, C, D, R> Fn4<A, B, C, D, R> vmap(Fn4<A, B, C, D, R> f) {
    return vmap(f, in(0, 0, 0, 0));
  }

  /** As {@link #vmap(Fn, Axes.In)}, of four arguments. */
  public static <A, B, C, D, R> Fn4<A, B, C, D, R> vmap(Fn4<A, B, C, D, R> f, Axes.In in) {
    return vmap(f, in, out(0));
  }

  /** As {@link #vmap(Fn, Axes.In, Axes.Out)}, of four arguments. */
  public static <A, B, C, D, R> Fn4<A, B, C, D, R> vmap(
      Fn4<A, B, C, D, R> f, Axes.In in, Axes.Out out) {
    return Arity.four(new BatchedFunction(Arity.of(f), 4, in, out));
  }

  /**
   * Returns the gradient of a scalar function, a tree like its argument: {@code ∂f/∂x}.
   *
   * <pre>{@code
   * Fn<Tensor, Tensor> cosine = grad(Tensor::sin);
   * }</pre>
   *
   * @throws dev.lockstep.error.ShapeException when called, if {@code f} returns no scalar
   * @throws dev.lockstep.error.DTypeException when called, if the argument or the value is not
   *     floating
   */
  public static <A> Fn<A, A> grad(Fn<A, Tensor> f) {
    return Arity.one(new GradientFunction(Arity.of(f), 0, false));
  }

  /** As {@link #grad(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> grad(Fn2<A, B, Tensor> f) {
    return Arity.two(new GradientFunction(Arity.of(f), 0, false));
  }

  /** As {@link #grad(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> grad(Fn2<A, B, Tensor> f, First wrt) {
    return Arity.two(new GradientFunction(Arity.of(f), 0, false));
  }

  /** As {@link #grad(Fn)}, with respect to the second argument. */
  public static <A, B> Fn2<A, B, B> grad(Fn2<A, B, Tensor> f, Second wrt) {
    return Arity.two(new GradientFunction(Arity.of(f), 1, false));
  }

  /** As {@link #grad(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> grad(Fn3<A, B, C, Tensor> f) {
    return Arity.three(new GradientFunction(Arity.of(f), 0, false));
  }

  /** As {@link #grad(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> grad(Fn3<A, B, C, Tensor> f, First wrt) {
    return Arity.three(new GradientFunction(Arity.of(f), 0, false));
  }

  /** As {@link #grad(Fn)}, with respect to the second argument. */
  public static <A, B, C> Fn3<A, B, C, B> grad(Fn3<A, B, C, Tensor> f, Second wrt) {
    return Arity.three(new GradientFunction(Arity.of(f), 1, false));
  }

  /** As {@link #grad(Fn)}, with respect to the third argument. */
  public static <A, B, C> Fn3<A, B, C, C> grad(Fn3<A, B, C, Tensor> f, Third wrt) {
    return Arity.three(new GradientFunction(Arity.of(f), 2, false));
  }

  /** As {@link #grad(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> grad(Fn4<A, B, C, D, Tensor> f) {
    return Arity.four(new GradientFunction(Arity.of(f), 0, false));
  }

  /** As {@link #grad(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> grad(Fn4<A, B, C, D, Tensor> f, First wrt) {
    return Arity.four(new GradientFunction(Arity.of(f), 0, false));
  }

  /** As {@link #grad(Fn)}, with respect to the second argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, B> grad(Fn4<A, B, C, D, Tensor> f, Second wrt) {
    return Arity.four(new GradientFunction(Arity.of(f), 1, false));
  }

  /** As {@link #grad(Fn)}, with respect to the third argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, C> grad(Fn4<A, B, C, D, Tensor> f, Third wrt) {
    return Arity.four(new GradientFunction(Arity.of(f), 2, false));
  }

  /** As {@link #grad(Fn)}, with respect to the fourth argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, D> grad(Fn4<A, B, C, D, Tensor> f, Fourth wrt) {
    return Arity.four(new GradientFunction(Arity.of(f), 3, false));
  }

  /**
   * Returns a function that gives the value of {@code f} and its gradient, computed together.
   *
   * @throws dev.lockstep.error.ShapeException when called, if {@code f} returns no scalar
   * @throws dev.lockstep.error.DTypeException when called, if the argument or the value is not
   *     floating
   */
  public static <A> Fn<A, ValueAndGrad<A>> valueAndGrad(Fn<A, Tensor> f) {
    return Arity.one(new GradientFunction(Arity.of(f), 0, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, ValueAndGrad<A>> valueAndGrad(Fn2<A, B, Tensor> f) {
    return Arity.two(new GradientFunction(Arity.of(f), 0, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, ValueAndGrad<A>> valueAndGrad(Fn2<A, B, Tensor> f, First wrt) {
    return Arity.two(new GradientFunction(Arity.of(f), 0, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the second argument. */
  public static <A, B> Fn2<A, B, ValueAndGrad<B>> valueAndGrad(Fn2<A, B, Tensor> f, Second wrt) {
    return Arity.two(new GradientFunction(Arity.of(f), 1, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, ValueAndGrad<A>> valueAndGrad(Fn3<A, B, C, Tensor> f) {
    return Arity.three(new GradientFunction(Arity.of(f), 0, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, ValueAndGrad<A>> valueAndGrad(
      Fn3<A, B, C, Tensor> f, First wrt) {
    return Arity.three(new GradientFunction(Arity.of(f), 0, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the second argument. */
  public static <A, B, C> Fn3<A, B, C, ValueAndGrad<B>> valueAndGrad(
      Fn3<A, B, C, Tensor> f, Second wrt) {
    return Arity.three(new GradientFunction(Arity.of(f), 1, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the third argument. */
  public static <A, B, C> Fn3<A, B, C, ValueAndGrad<C>> valueAndGrad(
      Fn3<A, B, C, Tensor> f, Third wrt) {
    return Arity.three(new GradientFunction(Arity.of(f), 2, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, ValueAndGrad<A>> valueAndGrad(
      Fn4<A, B, C, D, Tensor> f) {
    return Arity.four(new GradientFunction(Arity.of(f), 0, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, ValueAndGrad<A>> valueAndGrad(
      Fn4<A, B, C, D, Tensor> f, First wrt) {
    return Arity.four(new GradientFunction(Arity.of(f), 0, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the second argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, ValueAndGrad<B>> valueAndGrad(
      Fn4<A, B, C, D, Tensor> f, Second wrt) {
    return Arity.four(new GradientFunction(Arity.of(f), 1, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the third argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, ValueAndGrad<C>> valueAndGrad(
      Fn4<A, B, C, D, Tensor> f, Third wrt) {
    return Arity.four(new GradientFunction(Arity.of(f), 2, true));
  }

  /** As {@link #valueAndGrad(Fn)}, with respect to the fourth argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, ValueAndGrad<D>> valueAndGrad(
      Fn4<A, B, C, D, Tensor> f, Fourth wrt) {
    return Arity.four(new GradientFunction(Arity.of(f), 3, true));
  }

  /**
   * Returns the Jacobian of {@code f} by forward mode, which is the cheaper one if the result is
   * larger than the argument: a tree like the argument with leaves of shape {@code result.shape +
   * leaf.shape}.
   *
   * @throws dev.lockstep.error.DTypeException when called, if the argument or the result is not
   *     floating
   */
  public static <A> Fn<A, A> jacfwd(Fn<A, Tensor> f) {
    return Arity.one(JacobianFunction.forward(Arity.of(f), 0));
  }

  /**
   * As {@link #jacfwd(Fn)}, so many columns at a time, one chunk after the other, the last one
   * maybe smaller: the same Jacobian, with the memory of one chunk for what is computed on the way.
   *
   * <pre>{@code
   * jacfwd(f, chunk(64))
   * }</pre>
   */
  public static <A> Fn<A, A> jacfwd(Fn<A, Tensor> f, Chunk chunk) {
    return Arity.one(JacobianFunction.forward(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> jacfwd(Fn2<A, B, Tensor> f) {
    return Arity.two(JacobianFunction.forward(Arity.of(f), 0));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> jacfwd(Fn2<A, B, Tensor> f, First wrt) {
    return Arity.two(JacobianFunction.forward(Arity.of(f), 0));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the second argument. */
  public static <A, B> Fn2<A, B, B> jacfwd(Fn2<A, B, Tensor> f, Second wrt) {
    return Arity.two(JacobianFunction.forward(Arity.of(f), 1));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> jacfwd(Fn3<A, B, C, Tensor> f) {
    return Arity.three(JacobianFunction.forward(Arity.of(f), 0));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> jacfwd(Fn3<A, B, C, Tensor> f, First wrt) {
    return Arity.three(JacobianFunction.forward(Arity.of(f), 0));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the second argument. */
  public static <A, B, C> Fn3<A, B, C, B> jacfwd(Fn3<A, B, C, Tensor> f, Second wrt) {
    return Arity.three(JacobianFunction.forward(Arity.of(f), 1));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the third argument. */
  public static <A, B, C> Fn3<A, B, C, C> jacfwd(Fn3<A, B, C, Tensor> f, Third wrt) {
    return Arity.three(JacobianFunction.forward(Arity.of(f), 2));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> jacfwd(Fn4<A, B, C, D, Tensor> f) {
    return Arity.four(JacobianFunction.forward(Arity.of(f), 0));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> jacfwd(Fn4<A, B, C, D, Tensor> f, First wrt) {
    return Arity.four(JacobianFunction.forward(Arity.of(f), 0));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the second argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, B> jacfwd(Fn4<A, B, C, D, Tensor> f, Second wrt) {
    return Arity.four(JacobianFunction.forward(Arity.of(f), 1));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the third argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, C> jacfwd(Fn4<A, B, C, D, Tensor> f, Third wrt) {
    return Arity.four(JacobianFunction.forward(Arity.of(f), 2));
  }

  /** As {@link #jacfwd(Fn)}, with respect to the fourth argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, D> jacfwd(Fn4<A, B, C, D, Tensor> f, Fourth wrt) {
    return Arity.four(JacobianFunction.forward(Arity.of(f), 3));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> jacfwd(Fn2<A, B, Tensor> f, Chunk chunk) {
    return Arity.two(JacobianFunction.forward(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> jacfwd(Fn2<A, B, Tensor> f, First wrt, Chunk chunk) {
    return Arity.two(JacobianFunction.forward(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the second argument. */
  public static <A, B> Fn2<A, B, B> jacfwd(Fn2<A, B, Tensor> f, Second wrt, Chunk chunk) {
    return Arity.two(JacobianFunction.forward(Arity.of(f), 1, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> jacfwd(Fn3<A, B, C, Tensor> f, Chunk chunk) {
    return Arity.three(JacobianFunction.forward(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> jacfwd(Fn3<A, B, C, Tensor> f, First wrt, Chunk chunk) {
    return Arity.three(JacobianFunction.forward(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the second argument. */
  public static <A, B, C> Fn3<A, B, C, B> jacfwd(Fn3<A, B, C, Tensor> f, Second wrt, Chunk chunk) {
    return Arity.three(JacobianFunction.forward(Arity.of(f), 1, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the third argument. */
  public static <A, B, C> Fn3<A, B, C, C> jacfwd(Fn3<A, B, C, Tensor> f, Third wrt, Chunk chunk) {
    return Arity.three(JacobianFunction.forward(Arity.of(f), 2, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> jacfwd(Fn4<A, B, C, D, Tensor> f, Chunk chunk) {
    return Arity.four(JacobianFunction.forward(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> jacfwd(
      Fn4<A, B, C, D, Tensor> f, First wrt, Chunk chunk) {
    return Arity.four(JacobianFunction.forward(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the second argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, B> jacfwd(
      Fn4<A, B, C, D, Tensor> f, Second wrt, Chunk chunk) {
    return Arity.four(JacobianFunction.forward(Arity.of(f), 1, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the third argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, C> jacfwd(
      Fn4<A, B, C, D, Tensor> f, Third wrt, Chunk chunk) {
    return Arity.four(JacobianFunction.forward(Arity.of(f), 2, chunk));
  }

  /** As {@link #jacfwd(Fn, Chunk)}, with respect to the fourth argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, D> jacfwd(
      Fn4<A, B, C, D, Tensor> f, Fourth wrt, Chunk chunk) {
    return Arity.four(JacobianFunction.forward(Arity.of(f), 3, chunk));
  }

  /**
   * Returns the Jacobian of {@code f} by reverse mode, which is the cheaper one if the argument is
   * larger than the result: a tree like the argument with leaves of shape {@code result.shape +
   * leaf.shape}.
   *
   * @throws dev.lockstep.error.DTypeException when called, if the argument or the result is not
   *     floating
   */
  public static <A> Fn<A, A> jacrev(Fn<A, Tensor> f) {
    return Arity.one(JacobianFunction.reverse(Arity.of(f), 0));
  }

  /**
   * As {@link #jacrev(Fn)}, so many rows at a time, one chunk after the other, the last one maybe
   * smaller: the same Jacobian, with the memory of one chunk for what is computed on the way.
   *
   * <pre>{@code
   * jacrev(f, chunk(64))
   * }</pre>
   */
  public static <A> Fn<A, A> jacrev(Fn<A, Tensor> f, Chunk chunk) {
    return Arity.one(JacobianFunction.reverse(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacrev(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> jacrev(Fn2<A, B, Tensor> f) {
    return Arity.two(JacobianFunction.reverse(Arity.of(f), 0));
  }

  /** As {@link #jacrev(Fn)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> jacrev(Fn2<A, B, Tensor> f, First wrt) {
    return Arity.two(JacobianFunction.reverse(Arity.of(f), 0));
  }

  /** As {@link #jacrev(Fn)}, with respect to the second argument. */
  public static <A, B> Fn2<A, B, B> jacrev(Fn2<A, B, Tensor> f, Second wrt) {
    return Arity.two(JacobianFunction.reverse(Arity.of(f), 1));
  }

  /** As {@link #jacrev(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> jacrev(Fn3<A, B, C, Tensor> f) {
    return Arity.three(JacobianFunction.reverse(Arity.of(f), 0));
  }

  /** As {@link #jacrev(Fn)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> jacrev(Fn3<A, B, C, Tensor> f, First wrt) {
    return Arity.three(JacobianFunction.reverse(Arity.of(f), 0));
  }

  /** As {@link #jacrev(Fn)}, with respect to the second argument. */
  public static <A, B, C> Fn3<A, B, C, B> jacrev(Fn3<A, B, C, Tensor> f, Second wrt) {
    return Arity.three(JacobianFunction.reverse(Arity.of(f), 1));
  }

  /** As {@link #jacrev(Fn)}, with respect to the third argument. */
  public static <A, B, C> Fn3<A, B, C, C> jacrev(Fn3<A, B, C, Tensor> f, Third wrt) {
    return Arity.three(JacobianFunction.reverse(Arity.of(f), 2));
  }

  /** As {@link #jacrev(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> jacrev(Fn4<A, B, C, D, Tensor> f) {
    return Arity.four(JacobianFunction.reverse(Arity.of(f), 0));
  }

  /** As {@link #jacrev(Fn)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> jacrev(Fn4<A, B, C, D, Tensor> f, First wrt) {
    return Arity.four(JacobianFunction.reverse(Arity.of(f), 0));
  }

  /** As {@link #jacrev(Fn)}, with respect to the second argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, B> jacrev(Fn4<A, B, C, D, Tensor> f, Second wrt) {
    return Arity.four(JacobianFunction.reverse(Arity.of(f), 1));
  }

  /** As {@link #jacrev(Fn)}, with respect to the third argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, C> jacrev(Fn4<A, B, C, D, Tensor> f, Third wrt) {
    return Arity.four(JacobianFunction.reverse(Arity.of(f), 2));
  }

  /** As {@link #jacrev(Fn)}, with respect to the fourth argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, D> jacrev(Fn4<A, B, C, D, Tensor> f, Fourth wrt) {
    return Arity.four(JacobianFunction.reverse(Arity.of(f), 3));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> jacrev(Fn2<A, B, Tensor> f, Chunk chunk) {
    return Arity.two(JacobianFunction.reverse(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B> Fn2<A, B, A> jacrev(Fn2<A, B, Tensor> f, First wrt, Chunk chunk) {
    return Arity.two(JacobianFunction.reverse(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the second argument. */
  public static <A, B> Fn2<A, B, B> jacrev(Fn2<A, B, Tensor> f, Second wrt, Chunk chunk) {
    return Arity.two(JacobianFunction.reverse(Arity.of(f), 1, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> jacrev(Fn3<A, B, C, Tensor> f, Chunk chunk) {
    return Arity.three(JacobianFunction.reverse(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B, C> Fn3<A, B, C, A> jacrev(Fn3<A, B, C, Tensor> f, First wrt, Chunk chunk) {
    return Arity.three(JacobianFunction.reverse(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the second argument. */
  public static <A, B, C> Fn3<A, B, C, B> jacrev(Fn3<A, B, C, Tensor> f, Second wrt, Chunk chunk) {
    return Arity.three(JacobianFunction.reverse(Arity.of(f), 1, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the third argument. */
  public static <A, B, C> Fn3<A, B, C, C> jacrev(Fn3<A, B, C, Tensor> f, Third wrt, Chunk chunk) {
    return Arity.three(JacobianFunction.reverse(Arity.of(f), 2, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> jacrev(Fn4<A, B, C, D, Tensor> f, Chunk chunk) {
    return Arity.four(JacobianFunction.reverse(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the first argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, A> jacrev(
      Fn4<A, B, C, D, Tensor> f, First wrt, Chunk chunk) {
    return Arity.four(JacobianFunction.reverse(Arity.of(f), 0, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the second argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, B> jacrev(
      Fn4<A, B, C, D, Tensor> f, Second wrt, Chunk chunk) {
    return Arity.four(JacobianFunction.reverse(Arity.of(f), 1, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the third argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, C> jacrev(
      Fn4<A, B, C, D, Tensor> f, Third wrt, Chunk chunk) {
    return Arity.four(JacobianFunction.reverse(Arity.of(f), 2, chunk));
  }

  /** As {@link #jacrev(Fn, Chunk)}, with respect to the fourth argument. */
  public static <A, B, C, D> Fn4<A, B, C, D, D> jacrev(
      Fn4<A, B, C, D, Tensor> f, Fourth wrt, Chunk chunk) {
    return Arity.four(JacobianFunction.reverse(Arity.of(f), 3, chunk));
  }

  /** Returns how many columns or rows {@link #jacfwd(Fn, Chunk)} and the like compute together. */
  public static Chunk chunk(long size) {
    return new Chunk(size);
  }

  /**
   * Returns the Hessian of {@code f}, forward over reverse: {@code ∂²f/∂x∂x} of shape {@code
   * result.shape + x.shape + x.shape}. Of a tree, {@link Derivatives#hessianBlocks} gives it.
   *
   * @throws dev.lockstep.error.DTypeException when called, if the argument or the result is not
   *     floating
   */
  public static Fn<Tensor, Tensor> hessian(Fn<Tensor, Tensor> f) {
    return Arity.one(JacobianFunction.hessian(Arity.of(f), 0));
  }

  /** As {@link #hessian(Fn)}, with respect to the first argument. */
  public static <B> Fn2<Tensor, B, Tensor> hessian(Fn2<Tensor, B, Tensor> f) {
    return Arity.two(JacobianFunction.hessian(Arity.of(f), 0));
  }

  /** As {@link #hessian(Fn)}, with respect to the first argument. */
  public static <B> Fn2<Tensor, B, Tensor> hessian(Fn2<Tensor, B, Tensor> f, First wrt) {
    return Arity.two(JacobianFunction.hessian(Arity.of(f), 0));
  }

  /** As {@link #hessian(Fn)}, with respect to the second argument. */
  public static <A> Fn2<A, Tensor, Tensor> hessian(Fn2<A, Tensor, Tensor> f, Second wrt) {
    return Arity.two(JacobianFunction.hessian(Arity.of(f), 1));
  }

  /** As {@link #hessian(Fn)}, with respect to the first argument. */
  public static <B, C> Fn3<Tensor, B, C, Tensor> hessian(Fn3<Tensor, B, C, Tensor> f) {
    return Arity.three(JacobianFunction.hessian(Arity.of(f), 0));
  }

  /** As {@link #hessian(Fn)}, with respect to the first argument. */
  public static <B, C> Fn3<Tensor, B, C, Tensor> hessian(Fn3<Tensor, B, C, Tensor> f, First wrt) {
    return Arity.three(JacobianFunction.hessian(Arity.of(f), 0));
  }

  /** As {@link #hessian(Fn)}, with respect to the second argument. */
  public static <A, C> Fn3<A, Tensor, C, Tensor> hessian(Fn3<A, Tensor, C, Tensor> f, Second wrt) {
    return Arity.three(JacobianFunction.hessian(Arity.of(f), 1));
  }

  /** As {@link #hessian(Fn)}, with respect to the third argument. */
  public static <A, B> Fn3<A, B, Tensor, Tensor> hessian(Fn3<A, B, Tensor, Tensor> f, Third wrt) {
    return Arity.three(JacobianFunction.hessian(Arity.of(f), 2));
  }

  /** As {@link #hessian(Fn)}, with respect to the first argument. */
  public static <B, C, D> Fn4<Tensor, B, C, D, Tensor> hessian(Fn4<Tensor, B, C, D, Tensor> f) {
    return Arity.four(JacobianFunction.hessian(Arity.of(f), 0));
  }

  /** As {@link #hessian(Fn)}, with respect to the first argument. */
  public static <B, C, D> Fn4<Tensor, B, C, D, Tensor> hessian(
      Fn4<Tensor, B, C, D, Tensor> f, First wrt) {
    return Arity.four(JacobianFunction.hessian(Arity.of(f), 0));
  }

  /** As {@link #hessian(Fn)}, with respect to the second argument. */
  public static <A, C, D> Fn4<A, Tensor, C, D, Tensor> hessian(
      Fn4<A, Tensor, C, D, Tensor> f, Second wrt) {
    return Arity.four(JacobianFunction.hessian(Arity.of(f), 1));
  }

  /** As {@link #hessian(Fn)}, with respect to the third argument. */
  public static <A, B, D> Fn4<A, B, Tensor, D, Tensor> hessian(
      Fn4<A, B, Tensor, D, Tensor> f, Third wrt) {
    return Arity.four(JacobianFunction.hessian(Arity.of(f), 2));
  }

  /** As {@link #hessian(Fn)}, with respect to the fourth argument. */
  public static <A, B, C> Fn4<A, B, C, Tensor, Tensor> hessian(
      Fn4<A, B, C, Tensor, Tensor> f, Fourth wrt) {
    return Arity.four(JacobianFunction.hessian(Arity.of(f), 3));
  }

  /**
   * Returns the value of {@code f} and its derivative in the direction of the tangent, by forward
   * mode.
   *
   * @throws dev.lockstep.error.ShapeException if the tangent's shapes differ from the primal's
   * @throws dev.lockstep.error.DTypeException if dtypes differ or are not floating
   */
  public static <A, R> Jvp<R> jvp(Fn<A, R> f, A primal, A tangent) {
    return Pushforward.jvp(Arity.of(f), new Object[] {primal}, new Object[] {tangent});
  }

  /** As {@link #jvp(Fn, Object, Object)}: the arguments, then a tangent for each. */
  public static <A, B, R> Jvp<R> jvp(Fn2<A, B, R> f, A a, B b, A da, B db) {
    return Pushforward.jvp(Arity.of(f), new Object[] {a, b}, new Object[] {da, db});
  }

  /** As {@link #jvp(Fn, Object, Object)}: the arguments, then a tangent for each. */
  public static <A, B, C, R> Jvp<R> jvp(Fn3<A, B, C, R> f, A a, B b, C c, A da, B db, C dc) {
    return Pushforward.jvp(Arity.of(f), new Object[] {a, b, c}, new Object[] {da, db, dc});
  }

  /** As {@link #jvp(Fn, Object, Object)}: the arguments, then a tangent for each. */
  public static <A, B, C, D, R> Jvp<R> jvp(
      Fn4<A, B, C, D, R> f, A a, B b, C c, D d, A da, B db, C dc, D dd) {
    return Pushforward.jvp(Arity.of(f), new Object[] {a, b, c, d}, new Object[] {da, db, dc, dd});
  }

  /**
   * Returns the value of {@code f} and its pullback: from a cotangent of the value to the
   * cotangents of the arguments, by reverse mode.
   *
   * @throws dev.lockstep.error.DTypeException if the arguments or the results are not floating
   */
  public static <A, R> Vjp<R, A> vjp(Fn<A, R> f, A primal) {
    return Pullback.vjp(Arity.of(f), primal);
  }

  /** As {@link #vjp(Fn, Object)}, of two arguments. */
  public static <A, B, R> Vjp<R, Cotangents.Two<A, B>> vjp(Fn2<A, B, R> f, A a, B b) {
    return Pullback.vjp(Arity.of(f), a, b);
  }

  /** As {@link #vjp(Fn, Object)}, of three arguments. */
  public static <A, B, C, R> Vjp<R, Cotangents.Three<A, B, C>> vjp(
      Fn3<A, B, C, R> f, A a, B b, C c) {
    return Pullback.vjp(Arity.of(f), a, b, c);
  }

  /** As {@link #vjp(Fn, Object)}, of four arguments. */
  public static <A, B, C, D, R> Vjp<R, Cotangents.Four<A, B, C, D>> vjp(
      Fn4<A, B, C, D, R> f, A a, B b, C c, D d) {
    return Pullback.vjp(Arity.of(f), a, b, c, d);
  }

  /**
   * Returns the value of {@code f} and its derivative as a function of tangents, which evaluates
   * only what depends on them.
   *
   * @throws dev.lockstep.error.DTypeException if the arguments are not floating
   */
  public static <A, R> Linearized<R, Fn<A, R>> linearize(Fn<A, R> f, A primal) {
    LinearMap map = LinearMap.of(Arity.of(f), primal);
    return new Linearized<>(map.value(), Arity.one(map));
  }

  /** As {@link #linearize(Fn, Object)}, of two arguments. */
  public static <A, B, R> Linearized<R, Fn2<A, B, R>> linearize(Fn2<A, B, R> f, A a, B b) {
    LinearMap map = LinearMap.of(Arity.of(f), a, b);
    return new Linearized<>(map.value(), Arity.two(map));
  }

  /** As {@link #linearize(Fn, Object)}, of three arguments. */
  public static <A, B, C, R> Linearized<R, Fn3<A, B, C, R>> linearize(
      Fn3<A, B, C, R> f, A a, B b, C c) {
    LinearMap map = LinearMap.of(Arity.of(f), a, b, c);
    return new Linearized<>(map.value(), Arity.three(map));
  }

  /** As {@link #linearize(Fn, Object)}, of four arguments. */
  public static <A, B, C, D, R> Linearized<R, Fn4<A, B, C, D, R>> linearize(
      Fn4<A, B, C, D, R> f, A a, B b, C c, D d) {
    LinearMap map = LinearMap.of(Arity.of(f), a, b, c, d);
    return new Linearized<>(map.value(), Arity.four(map));
  }

  /**
   * Returns {@code f} compiled: traced once for each structure, shapes and dtypes of the arguments,
   * and from then on run as one native call. What {@code f} captures is fixed when it is traced.
   */
  public static <A, R> Jitted<A, R> jit(Fn<A, R> f) {
    return JittedArity.one(new CompiledFunction(Arity.of(f)));
  }

  /** As {@link #jit(Fn)}, of two arguments. */
  public static <A, B, R> Jitted.Two<A, B, R> jit(Fn2<A, B, R> f) {
    return JittedArity.two(new CompiledFunction(Arity.of(f)));
  }

  /** As {@link #jit(Fn)}, of three arguments. */
  public static <A, B, C, R> Jitted.Three<A, B, C, R> jit(Fn3<A, B, C, R> f) {
    return JittedArity.three(new CompiledFunction(Arity.of(f)));
  }

  /** As {@link #jit(Fn)}, of four arguments. */
  public static <A, B, C, D, R> Jitted.Four<A, B, C, D, R> jit(Fn4<A, B, C, D, R> f) {
    return JittedArity.four(new CompiledFunction(Arity.of(f)));
  }

  /**
   * Returns {@code f} as it is, but reverse mode computes its inner values again instead of keeping
   * them: less memory for one more evaluation.
   */
  public static <A, R> Fn<A, R> checkpoint(Fn<A, R> f) {
    return Arity.one(new CheckpointedFunction(Arity.of(f), List.of()));
  }

  /** As {@link #checkpoint(Fn)}, keeping what {@link #checkpointName} gave one of these names. */
  public static <A, R> Fn<A, R> checkpoint(Fn<A, R> f, Saved saved) {
    return Arity.one(new CheckpointedFunction(Arity.of(f), saved.names()));
  }

  /** As {@link #checkpoint(Fn)}, of two arguments. */
  public static <A, B, R> Fn2<A, B, R> checkpoint(Fn2<A, B, R> f) {
    return Arity.two(new CheckpointedFunction(Arity.of(f), List.of()));
  }

  /** As {@link #checkpoint(Fn2)}, keeping what {@link #checkpointName} gave one of these names. */
  public static <A, B, R> Fn2<A, B, R> checkpoint(Fn2<A, B, R> f, Saved saved) {
    return Arity.two(new CheckpointedFunction(Arity.of(f), saved.names()));
  }

  /** As {@link #checkpoint(Fn)}, of three arguments. */
  public static <A, B, C, R> Fn3<A, B, C, R> checkpoint(Fn3<A, B, C, R> f) {
    return Arity.three(new CheckpointedFunction(Arity.of(f), List.of()));
  }

  /** As {@link #checkpoint(Fn3)}, keeping what {@link #checkpointName} gave one of these names. */
  public static <A, B, C, R> Fn3<A, B, C, R> checkpoint(Fn3<A, B, C, R> f, Saved saved) {
    return Arity.three(new CheckpointedFunction(Arity.of(f), saved.names()));
  }

  /** As {@link #checkpoint(Fn)}, of four arguments. */
  public static <A, B, C, D, R> Fn4<A, B, C, D, R> checkpoint(Fn4<A, B, C, D, R> f) {
    return Arity.four(new CheckpointedFunction(Arity.of(f), List.of()));
  }

  /** As {@link #checkpoint(Fn4)}, keeping what {@link #checkpointName} gave one of these names. */
  public static <A, B, C, D, R> Fn4<A, B, C, D, R> checkpoint(Fn4<A, B, C, D, R> f, Saved saved) {
    return Arity.four(new CheckpointedFunction(Arity.of(f), saved.names()));
  }

  /** Returns the names of values that a checkpointed function keeps. */
  public static Saved save(String... names) {
    return new Saved(List.of(names));
  }

  /**
   * Returns {@code x} under a name, by which {@code checkpoint(f, save(name))} keeps it.
   *
   * <pre>{@code
   * checkpoint((Tensor x) -> checkpointName(x.exp(), "e").square().sum(), save("e"))
   * }</pre>
   */
  public static Tensor checkpointName(Tensor x, String name) {
    return Trace.bind(new Unary.Named(name), x);
  }

  /**
   * Returns {@code f} mapped over all axes that stand before those it is written for; these
   * broadcast.
   *
   * <pre>{@code
   * vectorize("(n,m),(m)->(n)", Tensor::matmul)        // f32[B, n, m], f32[C, 1, m] -> f32[C, B, n]
   * }</pre>
   *
   * @param signature the names of the argument's and the result's own axes
   */
  public static Fn<Tensor, Tensor> vectorize(String signature, Fn<Tensor, Tensor> f) {
    return Arity.one(new VectorizedFunction(Arity.of(f), 1, signature));
  }

  /** As {@link #vectorize(String, Fn)}, of two arguments. */
  public static Fn2<Tensor, Tensor, Tensor> vectorize(
      String signature, Fn2<Tensor, Tensor, Tensor> f) {
    return Arity.two(new VectorizedFunction(Arity.of(f), 2, signature));
  }

  /** As {@link #vectorize(String, Fn)}, of three arguments. */
  public static Fn3<Tensor, Tensor, Tensor, Tensor> vectorize(
      String signature, Fn3<Tensor, Tensor, Tensor, Tensor> f) {
    return Arity.three(new VectorizedFunction(Arity.of(f), 3, signature));
  }

  /** Returns the types of the tensors that {@code f} would return, in order, without running it. */
  public static <A, R> List<TensorType> evalShape(Fn<A, R> f, A a) {
    return ShapeEvaluation.of(Arity.of(f), a);
  }

  /** As {@link #evalShape(Fn, Object)}, of two arguments. */
  public static <A, B, R> List<TensorType> evalShape(Fn2<A, B, R> f, A a, B b) {
    return ShapeEvaluation.of(Arity.of(f), a, b);
  }

  /** As {@link #evalShape(Fn, Object)}, of three arguments. */
  public static <A, B, C, R> List<TensorType> evalShape(Fn3<A, B, C, R> f, A a, B b, C c) {
    return ShapeEvaluation.of(Arity.of(f), a, b, c);
  }

  /**
   * Names the mapped axis of each argument, for {@link #vmap(Fn, Axes.In)}.
   *
   * @param arguments one entry an argument: an axis (negative ones count from the end), {@link
   *     #NONE}, {@link #axis}, or a list, map or record of such entries for the parts of a tree; an
   *     axis stands for all tensors of its part
   */
  public static Axes.In in(Object... arguments) {
    return BatchedFunction.in(arguments);
  }

  /**
   * Names the batch's axis in the results, for {@link #vmap(Fn, Axes.In, Axes.Out)}.
   *
   * @param result an axis of the batched result (negative ones count from the end), {@link #NONE}
   *     for what is the same for all examples, or a list, map or record of such entries
   */
  public static Axes.Out out(Object result) {
    return new Axes.Out(result);
  }

  /** Names the axis of one component of a record; {@code axis("w", 0).axis("b", 0)} names two. */
  public static Axes.Named axis(String component, Object entry) {
    return new Axes.Named(Map.of(component, entry));
  }

  /**
   * Says how often a function under {@code jit} was traced, for which types, at which line, and
   * what was not as in the trace before: {@code traced 2 times}, {@code 2. f32[4] at (Main.java:9):
   * argument 0 was f32[3]}.
   *
   * @param jitted what {@link #jit(Fn)} returned
   * @throws dev.lockstep.error.LockstepException if jit did not return it
   */
  public static String explain(Object jitted) {
    return CacheMisses.explain(jitted);
  }

  /** Returns how much was traced, transformed and compiled since the start. */
  public static Counts counts() {
    return CompiledFunction.counts();
  }
}
