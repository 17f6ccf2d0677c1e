package dev.lockstep.tensor;

import static dev.lockstep.tensor.KeyBits.bits;
import static dev.lockstep.tensor.KeyBits.child;
import static dev.lockstep.tensor.KeyBits.split;
import static dev.lockstep.tensor.KeyBits.whole;

/** Draws of whole numbers and of elements, as JAX draws them. */
final class IntegerDraws {
  private static final long WORD = 0xffffffffL;

  private IntegerDraws() {}

  /**
   * In {@code [low, high)}: twice as many random bits as the dtype has, modulo the span, which
   * makes the bias small. The intermediate results wrap at the width of the dtype, as in JAX.
   *
   * @param low {@code i64}, of a shape that broadcasts to {@code shape}, as {@code high}
   */
  static Tensor randint(
      Tensor key, Key.Mode mode, DType dtype, Shape shape, Tensor low, Tensor high) {
    Tensor keys = split(key, mode, 2);
    Tensor upper = unsigned(bits(child(keys, 0), mode, dtype, shape));
    Tensor lower = unsigned(bits(child(keys, 1), mode, dtype, shape));
    Tensor empty = high.lessEqual(low);
    Tensor span = Tensor.where(empty, whole(high.sub(low), 1), high.sub(low));
    int half = dtype == DType.I32 ? 16 : 32;
    Tensor root = remainder(dtype, whole(span, 1L << half), span);
    Tensor multiplier = remainder(dtype, wrap(root.mul(root), dtype), span);
    Tensor product = wrap(remainder(dtype, upper, span).mul(multiplier), dtype);
    Tensor sum = wrap(product.add(remainder(dtype, lower, span)), dtype);
    return remainder(dtype, sum, span).add(low).cast(dtype);
  }

  private static Tensor unsigned(Tensor bits) {
    return wrap(bits.cast(DType.I64), bits.dtype());
  }

  private static Tensor wrap(Tensor x, DType dtype) {
    return dtype == DType.I32 ? x.and(whole(x, WORD)) : x;
  }

  private static Tensor remainder(DType dtype, Tensor x, Tensor y) {
    return dtype == DType.I32 ? x.rem(y) : remainder(x, y);
  }

  /**
   * Returns {@code x mod y} of unsigned 64-bit numbers. A y of 63 bits divides {@code x / 2}, which
   * is not negative, and the quotient is at most 1 too small; a larger one goes into x once at
   * most.
   */
  private static Tensor remainder(Tensor x, Tensor y) {
    Tensor halved = ElementwiseOps.quotient(x.shiftRightLogical(whole(x, 1)), y);
    Tensor rest = x.sub(halved.mul(y).shiftLeft(whole(halved, 1)));
    Tensor fromLarge = Tensor.where(below(x, y), x, x.sub(y));
    Tensor fromSmall = Tensor.where(below(rest, y), rest, rest.sub(y));
    return Tensor.where(y.less(whole(y, 0)), fromLarge, fromSmall);
  }

  private static Tensor below(Tensor x, Tensor y) {
    return x.xor(whole(x, Long.MIN_VALUE)).less(y.xor(whole(y, Long.MIN_VALUE)));
  }

  /** Returns {@code i32[n]}: the numbers below n in random order. */
  static Tensor permutation(Tensor key, Key.Mode mode, long n) {
    return shuffle(key, mode, Tensor.iota(DType.I32, 0, n), 0);
  }

  /** Reorders each row along the axis on its own. */
  static Tensor shuffle(Tensor key, Key.Mode mode, Tensor x, int axis) {
    Tensor shuffled = x;
    Tensor next = key;
    for (int round = 0; round < rounds(x.size()); round++) {
      Tensor keys = split(next, mode, 2);
      next = child(keys, 0);
      Tensor bits = bits(child(keys, 1), mode, DType.I32, x.shape());
      Tensor order = bits.xor(whole(bits, Integer.MIN_VALUE)).argSort(axis);
      shuffled = shuffled.takeAlongAxis(order, axis);
    }
    return shuffled;
  }

  /**
   * Sorting by random words orders equal ones as they were. So many rounds make it unlikely that
   * two elements have equal words in all of them.
   */
  private static int rounds(long size) {
    return (int) Math.ceil(3 * Math.log(Math.max(1, size)) / Math.log(WORD));
  }

  /** Returns positions with these weights, which need not sum to 1. */
  static Tensor weighted(Tensor key, Key.Mode mode, Tensor weights, Shape shape) {
    Tensor running = weights.cumSum(0);
    Tensor unit = KeyBits.unit(key, mode, weights.dtype(), shape);
    return running.searchSorted(KeyBits.like(unit, 1).sub(unit).mul(running.get(-1)));
  }

  /** Returns different positions: those where the logarithm plus Gumbel noise is largest. */
  static Tensor weightedOnce(Tensor key, Key.Mode mode, Tensor weights, long count) {
    Tensor noise = FloatDraws.gumbel(key, mode, weights.dtype(), weights.shape());
    return noise.add(weights.log()).topK(count, 0).indices();
  }

  /** Returns positions along the last axis, with the softmax of the logits as probabilities. */
  static Tensor categorical(Tensor key, Key.Mode mode, Tensor logits) {
    return FloatDraws.gumbel(key, mode, logits.dtype(), logits.shape()).add(logits).argMax(-1);
  }
}
