package dev.lockstep;

import dev.lockstep.autodiff.Arity;
import dev.lockstep.autodiff.AssociativeScan;
import dev.lockstep.autodiff.Choice;
import dev.lockstep.autodiff.Loop;
import dev.lockstep.autodiff.MapLoop;
import dev.lockstep.autodiff.ScanLoop;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import java.util.List;

/**
 * Choices and loops that depend on values, to be imported with {@code import static
 * dev.lockstep.Control.*}. They work on values at once and under every transform; each function is
 * traced once, runs without Java inside the plan, and may close over any tensor. Operands, carries
 * and results are trees (see {@link dev.lockstep.tensor.Tree}).
 */
public final class Control {
  private Control() {}

  /**
   * Returns {@code predicate ? ifTrue(operand) : ifFalse(operand)}; only the one that is chosen
   * runs. Mapped over a predicate that differs between examples, both run and their results are
   * selected.
   *
   * <pre>{@code
   * cond(x.sum().greater(0.0), v -> v.sin(), v -> v.square(), x)
   * }</pre>
   *
   * @param predicate {@code bool[]}
   * @throws dev.lockstep.error.TreeException if the results differ in structure
   * @throws dev.lockstep.error.ShapeException if they differ in shape, or the predicate is no
   *     scalar
   * @throws dev.lockstep.error.DTypeException if they differ in dtype, or the predicate is not bool
   */
  public static <A, R> R cond(Tensor predicate, Fn<A, R> ifTrue, Fn<A, R> ifFalse, A operand) {
    return Choice.cond(predicate, Arity.of(ifTrue), Arity.of(ifFalse), operand);
  }

  /**
   * Returns what branch {@code index} gives for the operand; only that one runs. An index below 0
   * chooses the first, one beyond the end the last.
   *
   * @param index an integer scalar
   */
  public static <A, R> R switchCase(Tensor index, List<Fn<A, R>> branches, A operand) {
    return Choice.switchCase(index, branches.stream().map(Arity::of).toList(), operand);
  }

  /**
   * Repeats {@code carry = body(carry)} while {@code condition(carry)} and returns the last carry.
   * It has forward mode but no reverse mode, as the number of steps is not known; see {@link
   * #whileLoop(Fn, Fn, Object, long)}. Mapped over a condition that differs between examples, the
   * loop runs until all have ended.
   *
   * <pre>{@code
   * whileLoop(x -> x.less(100.0), x -> x.mul(2.0), Tensor.scalar(3.0))      // 192
   * }</pre>
   */
  public static <C> C whileLoop(Fn<C, Tensor> condition, Fn<C, C> body, C init) {
    return Loop.whileLoop(Arity.of(condition), Arity.of(body), init);
  }

  /**
   * As {@link #whileLoop(Fn, Fn, Object)}, but ends after {@code maxSteps} steps, and has reverse
   * mode: it takes the time of {@code maxSteps} checks and the memory of {@code maxSteps} carries.
   */
  public static <C> C whileLoop(Fn<C, Tensor> condition, Fn<C, C> body, C init, long maxSteps) {
    return Loop.whileLoop(Arity.of(condition), Arity.of(body), init, maxSteps);
  }

  /**
   * Repeats {@code carry = body(i, carry)} for i in {@code 0 … n - 1}; i is {@code i32[]}.
   *
   * <pre>{@code
   * foriLoop(3, (i, x) -> x.mul(2.0).add(i), Tensor.scalar(1.0))
   * }</pre>
   */
  public static <C> C foriLoop(long n, Fn2<Tensor, C, C> body, C init) {
    return Loop.foriLoop(0, n, Arity.of(body), init);
  }

  /** As {@link #foriLoop(long, Fn2, Object)}, for i in {@code lower … upper - 1}. */
  public static <C> C foriLoop(long lower, long upper, Fn2<Tensor, C, C> body, C init) {
    return Loop.foriLoop(lower, upper, Arity.of(body), init);
  }

  /**
   * As {@link #foriLoop(long, Fn2, Object)} with a number of steps that is a value: an integer
   * scalar. It is a {@link #whileLoop(Fn, Fn, Object)} and has no reverse mode.
   */
  public static <C> C foriLoop(Tensor n, Fn2<Tensor, C, C> body, C init) {
    return Loop.foriLoop(n, Arity.of(body), init);
  }

  /**
   * Steps along axis 0 of all tensors of {@code xs}: {@code step = body(carry, x)} gives the next
   * carry and a y; all ys are stacked.
   *
   * <pre>{@code
   * scan((sum, x) -> new Step<>(sum.add(x), sum.add(x)), Tensor.scalar(0.0), xs)    // running sums
   * }</pre>
   *
   * @throws dev.lockstep.error.ShapeException if the lengths differ, or the carry's shapes change
   * @throws dev.lockstep.error.DTypeException if the carry's dtypes change
   * @throws dev.lockstep.error.TreeException if the carry's structure changes, or {@code xs} has no
   *     tensor
   */
  public static <C, X, Y> Scanned<C, Y> scan(Fn2<C, X, Step<C, Y>> body, C init, X xs) {
    return scan(body, init, xs, ScanOptions.FORWARD);
  }

  /** As {@link #scan(Fn2, Object, Object)}, backwards or several steps at a time. */
  public static <C, X, Y> Scanned<C, Y> scan(
      Fn2<C, X, Step<C, Y>> body, C init, X xs, ScanOptions options) {
    return ScanLoop.over(Arity.of(body), init, xs, options);
  }

  /** As {@link #scan(Fn2, Object, Object)} without xs, for so many steps. */
  public static <C, Y> Scanned<C, Y> scan(Fn<C, Step<C, Y>> body, C init, long length) {
    return ScanLoop.repeat(Arity.of(body), init, length);
  }

  /**
   * Returns {@code f} of each element along axis 0 of all tensors of {@code xs}, one after the
   * other, stacked: the loop to {@link Lockstep#vmap(Fn)}, which does all together. It needs the
   * memory of one.
   */
  public static <X, Y> Y map(Fn<X, Y> f, X xs) {
    return MapLoop.of(Arity.of(f), xs);
  }

  /** As {@link #map(Fn, Object)}, with so many elements together at a time. */
  public static <X, Y> Y map(Fn<X, Y> f, X xs, long batchSize) {
    return MapLoop.of(Arity.of(f), xs, batchSize);
  }

  /**
   * Returns the running results of an associative function along an axis: element i is {@code f(…
   * f(x[0], x[1]) …, x[i])}, computed in about 2 log₂ n calls of {@code f} on many elements
   * together (Blelloch 1990).
   *
   * @param f takes two trees like {@code xs}, cut to the same number of elements along the axis,
   *     and gives one; element by element, as {@code Tensor::add} does
   * @param axis negative ones count from the end
   */
  public static <T> T associativeScan(Fn2<T, T, T> f, T xs, int axis) {
    return AssociativeScan.of(Arity.of(f), xs, axis, false);
  }

  /** As {@link #associativeScan(Fn2, Object, int)}, from the last element if {@code reverse}. */
  public static <T> T associativeScan(Fn2<T, T, T> f, T xs, int axis, boolean reverse) {
    return AssociativeScan.of(Arity.of(f), xs, axis, reverse);
  }
}
