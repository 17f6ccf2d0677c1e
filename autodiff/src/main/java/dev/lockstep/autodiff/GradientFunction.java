package dev.lockstep.autodiff;

import dev.lockstep.ValueAndGrad;
import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.List;

/** The gradient of a scalar function with respect to one argument, with its value or without. */
public final class GradientFunction implements Variadic {
  private final Variadic function;
  private final int argument;
  private final boolean withValue;
  private final String transform;

  /**
   * @param argument the argument to differentiate with respect to, from 0
   */
  public GradientFunction(Variadic function, int argument, boolean withValue) {
    this(withValue ? "valueAndGrad" : "grad", function, argument, withValue);
  }

  private GradientFunction(String transform, Variadic function, int argument, boolean withValue) {
    this.function = function;
    this.argument = argument;
    this.withValue = withValue;
    this.transform = transform;
  }

  /** Returns the gradient as a part of another transform, with whose name errors start. */
  public static GradientFunction within(String transform, Variadic function) {
    return new GradientFunction(transform, function, 0, false);
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of(transform, arguments);
    List<Integer> inputs = call.floatingLeaves(argument);
    TracedCall traced = call.trace(function, call.types(), call.leaves());
    requireScalar(traced);
    Gradient gradient = new Gradient(inputs, withValue);
    List<Tensor> results =
        Trace.apply(gradient.cached(traced.program()), traced.inputs(call.leaves()));
    if (!withValue) {
      return call.rebuild(argument, results);
    }
    return new ValueAndGrad<>(
        results.getFirst(), call.rebuild(argument, results.subList(1, results.size())));
  }

  private void requireScalar(TracedCall traced) {
    if (traced.singleOutput().shape().rank() != 0) {
      throw new ShapeException(
          Call.located(
              "%s: the function must return a scalar, it returned %s; use jacrev or jacfwd",
              transform, traced.describe(0)));
    }
    traced.requireFloatingOutputs();
  }
}
