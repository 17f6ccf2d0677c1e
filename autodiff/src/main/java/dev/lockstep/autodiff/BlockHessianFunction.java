package dev.lockstep.autodiff;

import dev.lockstep.HessianBlocks;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The second derivatives of a function with one output, with respect to its first argument. */
public final class BlockHessianFunction implements Variadic {
  private final Variadic function;

  public BlockHessianFunction(Variadic function) {
    this.function = function;
  }

  @Override
  public Object apply(Object... arguments) {
    Call call = Call.of("hessianBlocks", arguments);
    List<Integer> inputs = call.floatingLeaves(0);
    TracedCall traced = call.trace(function, call.types(), call.leaves());
    traced.singleOutput();
    traced.requireFloatingOutputs();
    List<Tensor> blocks =
        Trace.apply(
            new BlockHessian(inputs).cached(traced.program()), traced.inputs(call.leaves()));
    List<Object> rows = new ArrayList<>(inputs.size());
    for (int i = 0; i < blocks.size(); i += inputs.size()) {
      rows.add(call.rebuild(0, blocks.subList(i, i + inputs.size())));
    }
    return new HessianBlocks<>(rows);
  }
}
