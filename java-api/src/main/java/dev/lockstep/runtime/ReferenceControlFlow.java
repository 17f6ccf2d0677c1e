package dev.lockstep.runtime;

import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.program.primitive.Custom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Choices and loops of the reference backend. */
final class ReferenceControlFlow {
  private ReferenceControlFlow() {}

  static List<HostArray> apply(ControlFlow op, List<HostArray> operands, List<Variable> results) {
    return switch (op) {
      case ControlFlow.Switch choice -> {
        long last = choice.branches().size() - 1;
        int index = (int) Math.clamp(operands.getFirst().whole(0), 0, last);
        Program branch = choice.branches().get(index);
        yield ReferenceBackend.interpret(branch, operands.subList(1, operands.size()));
      }
      case ControlFlow.While loop -> repeat(loop, operands);
      case ControlFlow.Scan scan -> scan(scan, operands, results);
      case ControlFlow.Checkpoint checkpoint ->
          ReferenceBackend.interpret(checkpoint.program(), operands);
      case Custom custom -> ReferenceBackend.interpret(custom.program(), operands);
    };
  }

  private static List<HostArray> repeat(ControlFlow.While loop, List<HostArray> operands) {
    int firstBody = loop.conditionConstants();
    int firstCarry = firstBody + loop.bodyConstants();
    List<HostArray> forCondition = operands.subList(0, firstBody);
    List<HostArray> forBody = operands.subList(firstBody, firstCarry);
    List<HostArray> carry = operands.subList(firstCarry, operands.size());
    while (ReferenceBackend.interpret(loop.condition(), join(forCondition, carry))
            .getFirst()
            .whole(0)
        != 0) {
      carry = ReferenceBackend.interpret(loop.body(), join(forBody, carry));
    }
    return carry;
  }

  private static List<HostArray> scan(
      ControlFlow.Scan scan, List<HostArray> operands, List<Variable> results) {
    int firstX = scan.constants() + scan.carries();
    List<HostArray> constants = operands.subList(0, scan.constants());
    List<HostArray> carry = operands.subList(scan.constants(), firstX);
    List<HostArray> ys = new ArrayList<>();
    for (Variable y : results.subList(scan.carries(), results.size())) {
      ys.add(new HostArray(y.type()));
    }
    for (long step = 0; step < scan.length(); step++) {
      long t = scan.reverse() ? scan.length() - 1 - step : step;
      List<HostArray> xs =
          operands.subList(firstX, operands.size()).stream().map(x -> x.part(t)).toList();
      List<HostArray> outputs =
          ReferenceBackend.interpret(scan.body(), join(join(constants, carry), xs));
      carry = outputs.subList(0, scan.carries());
      for (int i = 0; i < ys.size(); i++) {
        ys.get(i).setPart(t, outputs.get(scan.carries() + i));
      }
    }
    return join(carry, ys);
  }

  private static List<HostArray> join(List<HostArray> a, List<HostArray> b) {
    return Stream.of(a, b).flatMap(List::stream).toList();
  }
}
