package dev.lockstep.tensor;

import static dev.lockstep.tensor.KeyBits.child;
import static dev.lockstep.tensor.KeyBits.like;
import static dev.lockstep.tensor.KeyBits.split;
import static dev.lockstep.tensor.KeyBits.unit;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.Full;
import java.util.List;

/**
 * Gamma variables by rejection (Marsaglia and Tsang, "A simple method for generating gamma
 * variables", ACM TOMS 26, 2000). Each element has a key of its own, as in JAX, and the loop runs
 * until all are accepted.
 */
final class GammaDraws {
  private static final double THIRD = 1.0 / 3;

  /** Bounds the logarithms from below by a square, so that most candidates need none of them. */
  private static final double SQUEEZE = 0.0331;

  private GammaDraws() {}

  /** Returns draws with these shape parameters, or their logarithms. */
  static Tensor gamma(Tensor key, Key.Mode mode, Tensor alpha, boolean logarithm) {
    Tensor flat = alpha.stopGradient().flatten();
    Tensor keys = split(key, mode, flat.size());
    Tensor draws = samples(keys, mode, flat, logarithm).reshape(alpha.shape().extents());
    return GammaDerivative.attach(alpha, draws, logarithm);
  }

  /** {@code x/(x + y)} of gamma variables, by their logarithms, which do not underflow. */
  static Tensor beta(Tensor key, Key.Mode mode, Tensor a, Tensor b) {
    Tensor keys = split(key, mode, 2);
    Tensor x = gamma(child(keys, 0), mode, a, true);
    Tensor y = gamma(child(keys, 1), mode, b, true);
    Tensor larger = x.maximum(y).stopGradient();
    Tensor first = DrawMath.exp(x.sub(larger));
    return first.div(first.add(DrawMath.exp(y.sub(larger))));
  }

  /**
   * Draws of alpha below 1 are those of {@code alpha + 1}, times {@code u^(1/alpha)}.
   *
   * @param keys {@code i32[n, 2]}
   * @param alpha {@code [n]}
   */
  private static Tensor samples(Tensor keys, Key.Mode mode, Tensor alpha, boolean logarithm) {
    Tensor large = alpha.greaterEqual(like(alpha, 1));
    Tensor boosted = Tensor.where(large, alpha, alpha.add(like(alpha, 1)));
    Tensor d = boosted.sub(like(alpha, THIRD));
    Tensor children = split(keys, mode, 2);
    Tensor v = accepted(child(children, 0), mode, d);
    Tensor forBoost = child(children, 1);
    Tensor power = like(alpha, 1).div(alpha);
    if (logarithm) {
      Tensor log = FloatDraws.exponential(forBoost, mode, alpha.dtype(), Shape.of()).neg();
      Tensor none = large.or(log.equal(like(log, 0)));
      Tensor boost = Tensor.where(none, like(log, 0), log.mul(power));
      return DrawMath.log(d).add(DrawMath.log(v)).add(boost);
    }
    Tensor u = like(alpha, 1).sub(unit(forBoost, mode, alpha.dtype(), Shape.of()));
    Tensor boost = Tensor.where(large, like(u, 1), DrawMath.pow(u, power));
    return flushed(d.mul(v).mul(boost));
  }

  /** Returns 0 for denormals, which XLA does not compute with. */
  private static Tensor flushed(Tensor x) {
    Tensor least = like(x, x.dtype() == DType.F32 ? Float.MIN_NORMAL : Double.MIN_NORMAL);
    return Tensor.where(x.less(least), like(x, 0), x);
  }

  /** Returns the cubes {@code v} such that {@code d v} is a gamma variable. */
  private static Tensor accepted(Tensor keys, Key.Mode mode, Tensor d) {
    Tensor c = like(d, 1).div(d.sqrt()).mul(like(d, THIRD));
    Tensor all = Trace.bind(new Full(d.type().with(DType.BOOL), 1L));
    return RandomLoop.repeat(
            "gamma",
            List.of(keys, like(d, 1), all),
            carry -> carry.get(2).any(),
            carry -> candidate(carry.get(0), carry.get(1), carry.get(2), mode, c, d))
        .get(1);
  }

  private static List<Tensor> candidate(
      Tensor keys, Tensor before, Tensor wanted, Key.Mode mode, Tensor c, Tensor d) {
    Tensor children = split(keys, mode, 3);
    List<Tensor> found = positive(child(children, 1), wanted, mode, c);
    Tensor square = found.get(0).mul(found.get(0));
    Tensor v = found.get(1);
    Tensor cube = v.mul(v).mul(v);
    Tensor u = unit(child(children, 2), mode, d.dtype(), Shape.of());
    Tensor squeeze = DrawMath.multiplyAdd(square.mul(square), -SQUEEZE, 1);
    Tensor weighted = d.mul(like(u, 1).sub(cube).add(DrawMath.log(cube)));
    Tensor ratio = DrawMath.multiplyAdd(square, like(u, 0.5), weighted);
    Tensor rejected = u.greaterEqual(squeeze).and(DrawMath.log(u).greaterEqual(ratio));
    return List.of(child(children, 0), Tensor.where(wanted, cube, before), wanted.and(rejected));
  }

  /** Returns normal x, and {@code v = 1 + c x}, which is above 0 for all that are wanted. */
  private static List<Tensor> positive(Tensor keys, Tensor wanted, Key.Mode mode, Tensor c) {
    Tensor start = Tensor.where(wanted, like(c, -1), like(c, 1));
    List<Tensor> last =
        RandomLoop.repeat(
            "gamma",
            List.of(keys, like(c, 0), start),
            carry -> carry.get(2).lessEqual(like(carry.get(2), 0)).any(),
            carry -> {
              Tensor children = split(carry.get(0), mode, 2);
              Tensor normal = FloatDraws.normal(child(children, 1), mode, c.dtype(), Shape.of());
              Tensor wrong = carry.get(2).lessEqual(like(normal, 0));
              return List.of(
                  child(children, 0),
                  Tensor.where(wrong, normal, carry.get(1)),
                  Tensor.where(
                      wrong, DrawMath.multiplyAdd(normal, c, like(normal, 1)), carry.get(2)));
            });
    return last.subList(1, 3);
  }
}
