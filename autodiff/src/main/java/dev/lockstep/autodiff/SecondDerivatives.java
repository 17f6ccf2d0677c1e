package dev.lockstep.autodiff;

import dev.lockstep.Lockstep;
import dev.lockstep.error.ShapeException;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;

/** Second derivatives of scalar functions of one tensor, without the Hessian. */
public final class SecondDerivatives {
  private SecondDerivatives() {}

  /**
   * Returns {@code ∂²f/∂x[i]²}, of the shape of {@code x}: forward over forward, along each axis.
   */
  public static Tensor diagonal(Fn<Tensor, Tensor> f, Tensor x) {
    Fn<Tensor, Tensor> along =
        direction -> {
          Fn<Tensor, Tensor> slope = y -> scalar(Lockstep.jvp(f, y, direction).tangent());
          return Lockstep.jvp(slope, x, direction).tangent();
        };
    Tensor each = Lockstep.vmap(along).apply(Values.unitVectors(x.type()));
    return Values.reshape(each, x.shape());
  }

  private static Tensor scalar(Tensor value) {
    if (value.rank() != 0) {
      throw new ShapeException(
          Call.located(
              "hessianDiagonal: the function must return a scalar, it returned %s; use hessian",
              value.type()));
    }
    return value;
  }
}
