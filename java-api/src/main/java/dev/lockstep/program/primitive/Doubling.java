package dev.lockstep.program.primitive;

import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Tangents of cumulative ops by the scan of Hillis and Steele (Data parallel algorithms, 1986):
 * step d combines each element with the one 2^d places before, so log2(n) steps cover all prefixes,
 * and each step's tangent is a rule for two operands.
 */
final class Doubling {
  private Doubling() {}

  /** A value and its tangent. */
  record Dual(Tensor value, Tensor tangent) {}

  /** Combines the elements with those some places before, which come second. */
  @FunctionalInterface
  interface Combination {
    Dual apply(Tensor x, Tensor dx, Tensor before, Tensor dBefore);
  }

  /**
   * Returns the tangent of the cumulative op.
   *
   * @param identity what combines with x to x: it stands before the first element
   */
  static Tensor tangent(
      Tensor x, Tensor dx, boolean reverse, double identity, Combination combination) {
    Dual dual = new Dual(x, dx);
    long n = x.shape().extent(x.rank() - 1);
    for (long distance = 1; distance < n; distance *= 2) {
      dual =
          combination.apply(
              dual.value,
              dual.tangent,
              shift(dual.value, distance, reverse, identity),
              shift(dual.tangent, distance, reverse, 0));
    }
    return dual.tangent;
  }

  /**
   * Returns the elements {@code distance} places before along the last axis, {@code fill} at the
   * edge.
   */
  private static Tensor shift(Tensor x, long distance, boolean reverse, double fill) {
    int last = x.rank() - 1;
    long n = x.shape().extent(last);
    List<Long> zeros = Collections.nCopies(x.rank(), 0L);
    List<Long> start = new ArrayList<>(zeros);
    List<Long> limit = new ArrayList<>();
    for (long extent : x.shape().extents()) {
      limit.add(extent);
    }
    if (reverse) {
      start.set(last, distance);
    } else {
      limit.set(last, n - distance);
    }
    Tensor rest =
        Trace.bind(new Structural.Slice(start, limit, Collections.nCopies(x.rank(), 1L)), x);
    Tensor edge = Rules.full(x.type().with(x.shape().remove(last).insert(last, distance)), fill);
    Structural.Concatenate join = new Structural.Concatenate(last);
    return reverse ? Trace.bind(join, rest, edge) : Trace.bind(join, edge, rest);
  }

  /** The tangent of a choice between two: equal ones share it. */
  static Dual chosen(Tensor wins, Tensor x, Tensor dx, Tensor before, Tensor dBefore) {
    Tensor ties = x.equal(before);
    Tensor ofX = Rules.shared(dx, wins.or(ties), ties);
    Tensor ofBefore = Rules.shared(dBefore, wins.not(), ties);
    return new Dual(Tensor.where(wins, x, before), ofX.add(ofBefore));
  }

  /** {@code log(e^x + e^before)}: the tangents' weights are the shares of the sum. */
  static Dual logSum(Tensor x, Tensor dx, Tensor before, Tensor dBefore) {
    Tensor larger = x.maximum(before);
    Tensor finite = Tensor.where(larger.isFinite(), larger, Rules.like(x, 0));
    Tensor first = x.sub(finite).exp();
    Tensor second = before.sub(finite).exp();
    Tensor sum = first.add(second);
    Tensor safe = Tensor.where(sum.greater(Rules.like(x, 0)), sum, Rules.like(x, 1));
    Tensor tangent = dx.mul(first.div(safe)).add(dBefore.mul(second.div(safe)));
    return new Dual(finite.add(sum.log()), tangent);
  }
}
