package dev.lockstep.autodiff;

import dev.lockstep.Jvp;
import dev.lockstep.Lockstep;
import dev.lockstep.error.ShapeException;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;

/** Second derivatives of scalar functions of one tensor, without the Hessian. */
public final class SecondDerivatives {
  private SecondDerivatives() {}

  /**
   * Returns {@code ∂²f/∂x[i]²}, of the shape of {@code x}: forward over forward, along each axis.
   *
   * @param transform what errors start with
   */
  public static Tensor diagonal(String transform, Fn<Tensor, Tensor> f, Tensor x) {
    Call.of(transform, x).floatingLeaves();
    Fn<Tensor, Tensor> along =
        direction -> {
          Fn<Tensor, Tensor> slope = y -> scalar(transform, pushed(transform, f, y, direction));
          return pushed(transform, slope, x, direction);
        };
    Tensor each = Lockstep.vmap(along).apply(Values.unitVectors(x.type()));
    return Values.reshape(each, x.shape());
  }

  private static Tensor pushed(String transform, Fn<Tensor, Tensor> f, Tensor x, Tensor direction) {
    Jvp<Tensor> result =
        Pushforward.jvp(transform, Arity.of(f), new Object[] {x}, new Object[] {direction});
    return result.tangent();
  }

  private static Tensor scalar(String transform, Tensor value) {
    if (value.rank() != 0) {
      throw new ShapeException(
          Call.located(
              "%s: the function must return a scalar, it returned %s; use hessian",
              transform, value.type()));
    }
    return value;
  }
}
