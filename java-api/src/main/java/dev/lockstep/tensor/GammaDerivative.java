package dev.lockstep.tensor;

import static dev.lockstep.tensor.KeyBits.like;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Custom.CustomJvp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The derivative of gamma variables with respect to their shape parameter: of the {@code x} at
 * which the distribution function {@code P(a, x)} has a given value, {@code dx/da = -(dP/da) /
 * (dP/dx)} (Figurnov, Mohamed and Mnih, "Implicit reparameterization gradients", NeurIPS 2018). P
 * and its derivative come from its series for small x, else from the continued fraction of {@code 1
 * - P} (DLMF 8.11.4 and 8.9.2).
 */
final class GammaDerivative {
  /** More terms than the fraction takes where it is used. */
  private static final double MOST_TERMS = 2000;

  private GammaDerivative() {}

  /**
   * Returns {@code sample} as a function of alpha. There is no second derivative.
   *
   * @param logarithm whether the sample is the logarithm of a gamma variable
   */
  static Tensor attach(Tensor alpha, Tensor sample, boolean logarithm) {
    List<TensorType> types = List.of(alpha.type(), sample.type());
    List<TensorType> both = new ArrayList<>(types);
    both.addAll(types);
    Program value = Trace.program("gamma", types, x -> List.of(x.get(1)));
    Program rule =
        Trace.program(
            "gamma", both, x -> List.of(x.get(2).mul(once(x.get(0), x.get(1), logarithm))));
    return Trace.bind(new CustomJvp(value, rule, types.size()), alpha, sample);
  }

  /** As a program without arguments of its own, so that its derivative is refused. */
  private static Tensor once(Tensor alpha, Tensor sample, boolean logarithm) {
    List<TensorType> types = List.of(alpha.type(), sample.type());
    Program derivative =
        Trace.program("gamma", types, x -> List.of(of(x.get(0), x.get(1), logarithm)));
    return Trace.bind(new CustomJvp(derivative, derivative, 0), alpha, sample);
  }

  private static Tensor of(Tensor a, Tensor sample, boolean logarithm) {
    double least = a.dtype() == DType.F32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
    Tensor x = logarithm ? sample.exp().maximum(like(sample, least)) : sample;
    Tensor derivative = ofSample(a, x);
    return logarithm ? derivative.div(x) : derivative;
  }

  /** Elements that a method is not for take part in it with harmless values. */
  private static Tensor ofSample(Tensor a, Tensor x) {
    Tensor zero = x.equal(like(x, 0));
    Tensor valid = x.greater(like(x, 0)).and(a.greater(like(a, 0)));
    Tensor density = a.mul(x.log()).sub(x).sub(a.lgamma());
    Tensor underflow = density.less(like(a, -Math.log(a.dtype().largest())));
    Tensor enabled = valid.and(underflow.not());
    Tensor far = x.greater(like(x, 1)).and(x.greater(a));
    Tensor bySeries = series(a, x, enabled.and(far.not()));
    Tensor byFraction = fraction(a, x, enabled.and(far));
    Tensor result = Tensor.where(far, byFraction, bySeries);
    Tensor known = Tensor.where(zero, like(x, 0), result);
    return Tensor.where(valid.or(zero), known, like(x, Double.NaN));
  }

  private static double epsilon(Tensor x) {
    return x.dtype().epsilon();
  }

  /**
   * The terms are {@code c = x^n / ((a+1) … (a+n))}; both their sum and its derivative are kept.
   */
  private static Tensor series(Tensor a, Tensor x, Tensor enabled) {
    List<Tensor> last =
        masked(
            List.of(enabled, a, like(a, 1), like(a, 1), like(a, 0), like(a, 0)),
            carry -> {
              Tensor n = carry.get(1).add(like(a, 1));
              Tensor c = carry.get(2);
              Tensor ratio = x.div(n);
              Tensor dc = carry.get(4).mul(ratio).sub(c.mul(x).div(n.mul(n)));
              Tensor dsum = carry.get(5).add(dc);
              Tensor next = c.mul(ratio);
              Tensor goesOn = dc.div(dsum).abs().greater(like(a, epsilon(a)));
              return List.of(goesOn, n, next, carry.get(3).add(next), dc, dsum);
            });
    Tensor dlog = x.log().sub(a.add(like(a, 1)).digamma());
    return last.get(5).add(last.get(3).mul(dlog)).mul(x).div(a).neg();
  }

  /** The fraction's numerators p and denominators q by recurrence, with their derivatives. */
  private static Tensor fraction(Tensor a, Tensor x, Tensor enabled) {
    Tensor zero = like(x, 0);
    Tensor one = like(x, 1);
    Tensor y = one.sub(a);
    Tensor z = x.add(y).add(one);
    Tensor p = x.add(one);
    Tensor q = z.mul(x);
    Tensor value = p.div(q);
    Tensor dvalue = value.mul(x).div(q);
    List<Tensor> last =
        masked(
            List.of(enabled, value, dvalue, y, z, zero, p, q, one, x, zero, x.neg(), zero, zero),
            carry -> term(carry));
    Tensor dlog = x.log().sub(a.digamma());
    return last.get(2).add(last.get(1).mul(dlog)).mul(x);
  }

  private static List<Tensor> term(List<Tensor> carry) {
    Tensor value = carry.get(1);
    Tensor one = like(value, 1);
    Tensor count = carry.get(5).add(one);
    Tensor y = carry.get(3).add(one);
    Tensor z = carry.get(4).add(like(value, 2));
    Tensor yc = y.mul(count);
    Tensor p1 = carry.get(6);
    Tensor q1 = carry.get(7);
    Tensor p2 = carry.get(8);
    Tensor q2 = carry.get(9);
    Tensor dp1 = carry.get(10);
    Tensor dq1 = carry.get(11);
    Tensor p = p1.mul(z).sub(p2.mul(yc));
    Tensor q = q1.mul(z).sub(q2.mul(yc));
    Tensor dp = dp1.mul(z).sub(p1).sub(carry.get(12).mul(yc)).add(p2.mul(count));
    Tensor dq = dq1.mul(z).sub(q1).sub(carry.get(13).mul(yc)).add(q2.mul(count));
    Tensor usable = q.notEqual(like(q, 0));
    Tensor next = Tensor.where(usable, p.div(q), value);
    Tensor dnext = Tensor.where(usable, dp.sub(next.mul(dq)).div(q), carry.get(2));
    Tensor change = Tensor.where(usable, dnext.sub(carry.get(2)).abs(), one);
    Tensor goesOn =
        change.greater(like(value, epsilon(value))).and(count.less(like(value, MOST_TERMS)));
    Tensor large = p.abs().greater(like(p, 1 / epsilon(p)));
    Tensor scale = Tensor.where(large, like(p, epsilon(p)), one);
    List<Tensor> result = new ArrayList<>(List.of(goesOn, next, dnext, y, z, count));
    for (Tensor x : List.of(p, q, p1, q1, dp, dq, dp1, dq1)) {
      result.add(x.mul(scale));
    }
    return result;
  }

  /**
   * Repeats the body while any flag, the first of the carry, is set; where it is not, all stays.
   */
  private static List<Tensor> masked(List<Tensor> init, UnaryOperator<List<Tensor>> body) {
    return RandomLoop.repeat(
        "gamma",
        init,
        carry -> carry.getFirst().any(),
        carry -> {
          List<Tensor> next = body.apply(carry);
          Tensor enabled = carry.getFirst();
          List<Tensor> result = new ArrayList<>();
          result.add(enabled.and(next.getFirst()));
          for (int i = 1; i < next.size(); i++) {
            result.add(Tensor.where(enabled, next.get(i), carry.get(i)));
          }
          return result;
        });
  }
}
