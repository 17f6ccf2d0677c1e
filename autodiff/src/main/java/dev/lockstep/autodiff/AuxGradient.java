package dev.lockstep.autodiff;

import dev.lockstep.GradWithAux;
import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TreeException;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.List;

/** The gradient of a function's first result, with the others handed on. */
public final class AuxGradient implements Variadic {
  private static final String NAME = "gradWithAux";

  private final Variadic function;
  private final int argument;

  /**
   * @param function returns a {@link dev.lockstep.WithAux}
   * @param argument the argument to differentiate with respect to, from 0
   */
  public AuxGradient(Variadic function, int argument) {
    this.function = function;
    this.argument = argument;
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of(NAME, arguments);
    List<Integer> inputs = call.floatingLeaves(argument);
    TracedCall traced = call.trace(function, call.types(), call.leaves());
    Tree.Structure aux = traced.output().children().getLast();
    requireScalar(traced);
    Linearize.Result split = new Linearize(inputs).cached(traced.program());
    List<Tensor> known = Trace.apply(split.known(), traced.inputs(call.leaves()));
    int outputs = traced.program().outputs().size();
    Tensor value = known.getFirst();
    return new GradWithAux<>(
        value,
        call.rebuild(argument, gradient(split, value, known.subList(outputs, known.size()))),
        aux.unflatten(known.subList(1, outputs)));
  }

  private static void requireScalar(TracedCall traced) {
    if (!traced.output().children().getFirst().isLeaf()) {
      throw new TreeException(Call.located("%s: the value must be a tensor, it is null", NAME));
    }
    Tensor value = traced.result().leaves().getFirst();
    if (value.rank() != 0 || !value.dtype().isFloating()) {
      throw new ShapeException(
          Call.located(
              "%s: the value must be a floating scalar, it is %s", NAME, traced.describe(0)));
    }
  }

  private static List<Tensor> gradient(
      Linearize.Result split, Tensor value, List<Tensor> residuals) {
    Program linear = split.linear();
    if (!split.outputs().contains(0)) {
      return linear.inputs().subList(split.residuals(), linear.inputs().size()).stream()
          .map(input -> Values.zeros(input.type()))
          .toList();
    }
    Program ofValue =
        new Program(
                linear.inputs(),
                linear.equations(),
                linear.outputs().subList(0, 1),
                linear.variables())
            .live();
    List<Tensor> inputs = new ArrayList<>(residuals);
    inputs.add(Values.ones(value.type()));
    return Trace.apply(new Transpose(split.residuals()).cached(ofValue), inputs);
  }
}
