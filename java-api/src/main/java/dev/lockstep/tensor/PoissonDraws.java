package dev.lockstep.tensor;

import static dev.lockstep.tensor.KeyBits.child;
import static dev.lockstep.tensor.KeyBits.like;
import static dev.lockstep.tensor.KeyBits.split;
import static dev.lockstep.tensor.KeyBits.unit;
import static dev.lockstep.tensor.KeyBits.whole;

import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Structural.Full;
import java.util.List;

/**
 * Poisson variables, in f32 as in JAX: below a rate of 10 by Knuth's product of uniform numbers
 * ("The Art of Computer Programming", volume 2, 3.4.1), else by transformed rejection (Hörmann,
 * "The transformed rejection method for generating Poisson random variables", Insurance:
 * Mathematics and Economics 12, 1993). The numbers in the formulas are Hörmann's.
 */
final class PoissonDraws {
  private static final double LARGE = 10;

  /** A rate for elements that do not take part in the rejection. */
  private static final double ANY_LARGE = 1e5;

  /** In {@code b = 0.931 + 2.53 √rate}, from which XLA subtracts constants before it adds. */
  private static final float OFFSET = 0.931f;

  private PoissonDraws() {}

  /**
   * Returns {@code i32} draws.
   *
   * @param rate {@code f32}
   */
  static Tensor sample(Tensor key, Key.Mode mode, Tensor rate) {
    Tensor small = rate.isNan().or(rate.less(like(rate, LARGE)));
    Tensor byProduct = byProduct(key, mode, Tensor.where(small, rate, like(rate, 0)));
    Tensor large = Tensor.where(small, like(rate, ANY_LARGE), rate);
    Tensor byRejection = byRejection(key, mode, large, Broadcasting.to(small.all(), rate.shape()));
    Tensor drawn = Tensor.where(small, byProduct, byRejection);
    return Tensor.where(rate.equal(like(rate, 0)), whole(drawn, 0), drawn);
  }

  /** Counts the factors until the product is below {@code exp(-rate)}. */
  private static Tensor byProduct(Tensor key, Key.Mode mode, Tensor rate) {
    Tensor limit = rate.neg();
    Tensor none = Trace.bind(new Full(rate.type().with(DType.I32), 0L));
    Tensor count =
        RandomLoop.repeat(
                "poisson",
                List.of(key, none, like(rate, 0)),
                carry -> carry.get(2).greater(limit).any(),
                carry -> {
                  Tensor keys = split(carry.get(0), mode, 2);
                  Tensor k = carry.get(1);
                  Tensor product = carry.get(2);
                  Tensor counted = Tensor.where(product.greater(limit), k.add(whole(k, 1)), k);
                  Tensor u = unit(child(keys, 1), mode, DType.F32, rate.shape());
                  return List.of(child(keys, 0), counted, product.add(DrawMath.log(u)));
                })
            .get(1);
    return count.sub(whole(count, 1));
  }

  /**
   * Draws for all elements until each has been accepted once, and keeps the last accepted one, as
   * JAX does: a comparison that rounded otherwise would change all draws after it.
   */
  private static Tensor byRejection(Tensor key, Key.Mode mode, Tensor rate, Tensor done) {
    Tensor root = rate.sqrt();
    Tensor b = DrawMath.multiplyAdd(root, 2.53, OFFSET);
    Tensor a = DrawMath.multiplyAdd(b, 0.02483, -0.059);
    Tensor fromAlpha = DrawMath.multiplyAdd(root, 2.53, OFFSET - 3.4f);
    Tensor inverseAlpha = like(b, 1.1328).div(fromAlpha).add(like(b, 1.1239));
    Tensor fromSure = DrawMath.multiplyAdd(root, 2.53, OFFSET - 2f);
    Tensor sure = like(b, 0.9277).sub(like(b, 3.6224).div(fromSure));
    Tensor logRate = DrawMath.log(rate);
    return RandomLoop.repeat(
            "poisson",
            List.of(key, like(rate, -1), done),
            carry -> carry.get(2).not().any(),
            carry -> {
              Tensor keys = split(carry.get(0), mode, 3);
              Tensor u = unit(child(keys, 1), mode, DType.F32, rate.shape());
              Tensor centred = u.sub(like(u, 0.5));
              Tensor v = unit(child(keys, 2), mode, DType.F32, rate.shape());
              Tensor distance = like(u, 0.5).sub(centred.abs());
              Tensor slope = a.mul(like(a, 2)).div(distance).add(b);
              Tensor k = DrawMath.multiplyAdd(slope, centred, rate).add(like(u, 0.43)).floor();
              Tensor hat = a.div(distance.mul(distance)).add(b);
              Tensor s = DrawMath.log(v.mul(inverseAlpha).div(hat));
              Tensor t = DrawMath.multiplyAdd(k, logRate, rate.neg()).sub(DrawMath.logFactorial(k));
              Tensor atOnce = distance.greaterEqual(like(u, 0.07)).and(v.lessEqual(sure));
              Tensor never =
                  k.less(like(k, 0)).or(distance.less(like(u, 0.013)).and(v.greater(distance)));
              Tensor accepted = atOnce.or(never.not().and(s.lessEqual(t)));
              return List.of(
                  child(keys, 0),
                  Tensor.where(accepted, k, carry.get(1)),
                  carry.get(2).or(accepted));
            })
        .get(1)
        .cast(DType.I32);
  }
}
