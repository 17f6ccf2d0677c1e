package dev.lockstep.autodiff;

import dev.lockstep.error.TracerException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.program.primitive.Custom;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.util.List;

/** A function with a rule for batches. */
public final class CustomVmapFunction implements Variadic {
  private final Variadic function;
  private final Variadic rule;

  /**
   * @param rule takes the arguments with the batch as axis 0
   */
  public CustomVmapFunction(Variadic function, Variadic rule) {
    this.function = function;
    this.rule = rule;
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of("customVmap", arguments);
    TracedCall primal = call.trace(function, call.types(), call.leaves());
    Rule batched =
        new Rule(
            rule, call.structure(), primal.output(), Programs.types(primal.program().outputs()));
    Custom.CustomVmap op = new Custom.CustomVmap(primal.program(), batched, call.leaves().size());
    return primal.rebuild(Trace.bindAll(op, primal.inputs(call.leaves()).toArray(Tensor[]::new)));
  }

  /**
   * @param arguments what the rule takes
   * @param result what it gives
   * @param types the types of the results of one example
   */
  private record Rule(
      Variadic function, Tree.Structure arguments, Tree.Structure result, List<TensorType> types)
      implements Custom.BatchRule {
    @Override
    public List<Tensor> apply(long size, List<Tensor> tensors) {
      Traced traced =
          Trace.trace(
                  "customVmap",
                  tensors.stream().map(Tensor::type).toList(),
                  null,
                  inputs -> results(size, inputs))
              .withScalarsAsConstants();
      if (!traced.captured().isEmpty()) {
        throw new TracerException(
            Call.located(
                "customVmap: the rule closes over %s; pass it as an argument",
                traced.captured().getFirst().type()));
      }
      return Trace.apply(traced.program(), tensors);
    }

    private List<Tensor> results(long size, List<Tensor> inputs) {
      Object[] trees = new Object[arguments.children().size()];
      int start = 0;
      for (int i = 0; i < trees.length; i++) {
        Tree.Structure argument = arguments.children().get(i);
        int end = start + argument.leafCount();
        trees[i] = argument.unflatten(inputs.subList(start, end));
        start = end;
      }
      Tree.Flattened given = Tree.flatten("customVmap: the result", function.apply(trees));
      List<TensorType> batched =
          types.stream().map(type -> type.with(type.shape().insert(0, size))).toList();
      Call.requireAlike("customVmap", "result of the rule", result, batched, given);
      return given.leaves();
    }
  }
}
