package dev.lockstep.compiler;

import dev.lockstep.program.Program;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.program.primitive.Custom;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/**
 * Turns choices and loops into steps with sub-plans. A sub-plan's inputs and outputs are dense
 * blocks.
 */
final class ControlFlowLowering {
  private final DenseBlocks blocks = new DenseBlocks();

  private ControlFlowLowering() {}

  static List<Step> lower(ControlFlow op, List<View> operands, List<View> results) {
    return new ControlFlowLowering().run(op, operands, results);
  }

  private List<Step> run(ControlFlow op, List<View> operands, List<View> results) {
    List<View> inputs = operands.stream().map(blocks::operand).toList();
    List<View> outputs = results.stream().map(blocks::result).toList();
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
    return blocks.around(step);
  }

  /** Returns a choice among one. */
  private Step call(Program program, List<View> inputs, List<View> outputs) {
    View first = blocks.operand(View.constant(TensorType.of(DType.I32), 0));
    return new Step.Switch(List.of(program), first, inputs, outputs);
  }
}
