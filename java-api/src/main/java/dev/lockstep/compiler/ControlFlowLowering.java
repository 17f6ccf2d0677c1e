package dev.lockstep.compiler;

import dev.lockstep.program.Program;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.program.primitive.Custom;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns choices and loops into steps with sub-plans. A sub-plan's inputs and outputs are dense
 * blocks, so operands that are not are copied before, and results that do not stand so after.
 */
final class ControlFlowLowering {
  private final List<Step> before = new ArrayList<>();
  private final List<Step> after = new ArrayList<>();

  private ControlFlowLowering() {}

  static List<Step> lower(ControlFlow op, List<View> operands, List<View> results) {
    return new ControlFlowLowering().run(op, operands, results);
  }

  private List<Step> run(ControlFlow op, List<View> operands, List<View> results) {
    List<View> inputs = operands.stream().map(this::block).toList();
    List<View> outputs = results.stream().map(this::blockFor).toList();
    Step step =
        switch (op) {
          case ControlFlow.Switch choice ->
              new Step.Switch(
                  choice.branches(), inputs.getFirst(), inputs.subList(1, inputs.size()), outputs);
          case ControlFlow.While loop -> {
            int firstCarry = loop.conditionConstants() + loop.bodyConstants();
            yield new Step.While(
                loop.condition(),
                loop.body(),
                inputs.subList(0, loop.conditionConstants()),
                inputs.subList(loop.conditionConstants(), firstCarry),
                inputs.subList(firstCarry, inputs.size()),
                outputs);
          }
          case ControlFlow.Scan scan -> {
            int firstX = scan.constants() + scan.carries();
            yield new Step.Scan(
                scan.body(),
                scan.length(),
                scan.reverse(),
                inputs.subList(0, scan.constants()),
                inputs.subList(scan.constants(), firstX),
                outputs.subList(0, scan.carries()),
                inputs.subList(firstX, inputs.size()),
                outputs.subList(scan.carries(), outputs.size()));
          }
          case ControlFlow.Checkpoint checkpoint -> call(checkpoint.program(), inputs, outputs);
          case Custom custom -> call(custom.program(), inputs, outputs);
        };
    List<Step> steps = new ArrayList<>(before);
    steps.add(step);
    steps.addAll(after);
    return steps;
  }

  /** Returns a choice among one. */
  private Step call(Program program, List<View> inputs, List<View> outputs) {
    View first = block(View.constant(TensorType.of(DType.I32), 0));
    return new Step.Switch(List.of(program), first, inputs, outputs);
  }

  private View block(View operand) {
    return operand.isContiguous() ? operand : Step.Copy.toTemporary(operand, before);
  }

  private View blockFor(View result) {
    if (result.isContiguous()) {
      return result;
    }
    TensorType type = new TensorType(result.dtype(), result.shape());
    View dense = View.dense(Slot.temporary(type.bytes()), type);
    after.add(Step.Copy.of(dense, result));
    return dense;
  }
}
