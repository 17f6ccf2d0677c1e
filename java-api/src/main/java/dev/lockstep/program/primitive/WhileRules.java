package dev.lockstep.program.primitive;

import static dev.lockstep.program.primitive.SubPrograms.at;
import static dev.lockstep.program.primitive.SubPrograms.join;
import static dev.lockstep.program.primitive.SubPrograms.spread;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Primitive.Pushed;
import dev.lockstep.program.Program;
import dev.lockstep.program.ProgramTransforms;
import dev.lockstep.program.ProgramTransforms.BatchedProgram;
import dev.lockstep.program.ProgramTransforms.PushedProgram;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.ControlFlow.While;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The rules of {@link While}. */
final class WhileRules {
  private WhileRules() {}

  /** The loop as it is, and a loop that carries primals and tangents together. */
  static Pushed push(While loop, List<Tensor> operands, List<Tensor> tangents) {
    List<Tensor> results = Trace.bindAll(loop, operands.toArray(Tensor[]::new));
    int firstBody = loop.conditionConstants();
    int constants = loop.bodyConstants();
    int carries = loop.body().outputs().size();
    boolean[] moving = new boolean[constants + carries];
    for (int i = 0; i < moving.length; i++) {
      moving[i] = tangents.get(firstBody + i) != null;
    }
    PushedProgram body = stable(loop, moving);
    List<Integer> movingConstants = new ArrayList<>();
    List<Integer> movingCarries = new ArrayList<>();
    for (int i : SubPrograms.positions(moving)) {
      (i < constants ? movingConstants : movingCarries).add(i < constants ? i : i - constants);
    }
    if (movingCarries.isEmpty()) {
      return new Pushed(results, spread(carries, List.of(), List.of()));
    }
    List<TensorType> constantTypes = SubPrograms.types(loop.body().inputs().subList(0, constants));
    List<TensorType> carryTypes = SubPrograms.outputTypes(loop.body());
    Program both =
        Trace.program(
            "while",
            join(
                constantTypes,
                at(constantTypes, movingConstants),
                carryTypes,
                at(carryTypes, movingCarries)),
            inputs ->
                step(body, inputs, constants, movingConstants.size(), carries, movingCarries));
    List<TensorType> conditionTypes =
        SubPrograms.types(loop.condition().inputs().subList(0, firstBody));
    Program condition =
        Trace.program(
            "while",
            join(conditionTypes, carryTypes, at(carryTypes, movingCarries)),
            inputs -> Trace.apply(loop.condition(), inputs.subList(0, firstBody + carries)));
    List<Tensor> bodyOperands = operands.subList(firstBody, operands.size());
    List<Tensor> bodyTangents = tangents.subList(firstBody, tangents.size());
    List<Tensor> carryTangents =
        SubPrograms.orZeros(bodyTangents.subList(constants, bodyTangents.size()), carryTypes);
    List<Tensor> all =
        Trace.bindAll(
            new While(condition, both, firstBody, constants + movingConstants.size()),
            join(
                    operands.subList(0, firstBody),
                    bodyOperands.subList(0, constants),
                    at(bodyTangents, movingConstants),
                    bodyOperands.subList(constants, bodyOperands.size()),
                    at(carryTangents, movingCarries))
                .toArray(Tensor[]::new));
    return new Pushed(results, spread(carries, movingCarries, all.subList(carries, all.size())));
  }

  private static PushedProgram stable(While loop, boolean[] moving) {
    while (true) {
      PushedProgram body = ProgramTransforms.get().push(loop.body(), SubPrograms.positions(moving));
      boolean stable = true;
      for (int output : body.outputs()) {
        stable &= moving[loop.bodyConstants() + output];
        moving[loop.bodyConstants() + output] = true;
      }
      if (stable) {
        return body;
      }
    }
  }

  private static List<Tensor> step(
      PushedProgram body,
      List<Tensor> inputs,
      int constants,
      int movingConstants,
      int carries,
      List<Integer> movingCarries) {
    int firstCarry = constants + movingConstants;
    List<Tensor> pushed =
        Trace.apply(
            body.program(),
            join(
                inputs.subList(0, constants),
                inputs.subList(firstCarry, firstCarry + carries),
                inputs.subList(constants, firstCarry),
                inputs.subList(firstCarry + carries, inputs.size())));
    List<Tensor> outputs = new ArrayList<>(pushed.subList(0, carries));
    for (int carry : movingCarries) {
      int position = body.outputs().indexOf(carry);
      outputs.add(
          position >= 0 ? pushed.get(carries + position) : Rules.like(outputs.get(carry), 0));
    }
    return outputs;
  }

  /** While any example goes on, steps all, and keeps the carries of those that have ended. */
  static Batched batch(While loop, long size, List<Tensor> operands, boolean[] mapped) {
    int firstBody = loop.conditionConstants();
    int firstCarry = firstBody + loop.bodyConstants();
    int carries = loop.body().outputs().size();
    boolean[] inputs = mapped.clone();
    BatchedProgram body;
    BatchedProgram condition;
    while (true) {
      boolean[] before = inputs.clone();
      boolean[] carried = Arrays.copyOfRange(inputs, firstCarry, inputs.length);
      boolean[] forCondition = Arrays.copyOf(inputs, firstBody + carries);
      System.arraycopy(carried, 0, forCondition, firstBody, carries);
      condition =
          ProgramTransforms.get().batch(loop.condition(), size, forCondition, new boolean[1]);
      body =
          ProgramTransforms.get()
              .batch(
                  loop.body(), size, Arrays.copyOfRange(inputs, firstBody, inputs.length), carried);
      for (int i = 0; i < carries; i++) {
        inputs[firstCarry + i] |= body.mapped()[i] || condition.mapped()[0];
      }
      if (Arrays.equals(before, inputs)) {
        break;
      }
    }
    List<Tensor> batched = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      boolean repeat = i >= firstCarry && inputs[i] && !mapped[i];
      batched.add(repeat ? Rules.repeat(operands.get(i), size) : operands.get(i));
    }
    boolean[] results = Arrays.copyOfRange(inputs, firstCarry, inputs.length);
    While together =
        condition.mapped()[0]
            ? together(loop, condition.program(), body.program(), carries)
            : new While(condition.program(), body.program(), firstBody, loop.bodyConstants());
    if (condition.mapped()[0]) {
      batched.addAll(firstBody, batched.subList(0, firstBody).stream().toList());
    }
    return new Batched(Trace.bindAll(together, batched.toArray(Tensor[]::new)), results);
  }

  /**
   * Returns the loop whose condition differs between examples; its body takes the condition's
   * constants too.
   */
  private static While together(While loop, Program condition, Program body, int carries) {
    int conditionConstants = loop.conditionConstants();
    int bodyConstants = loop.bodyConstants();
    Program any =
        Trace.program(
            "while",
            SubPrograms.types(condition.inputs()),
            inputs -> List.of(Trace.apply(condition, inputs).getFirst().any()));
    Program step =
        Trace.program(
            "while",
            join(
                SubPrograms.types(condition.inputs().subList(0, conditionConstants)),
                SubPrograms.types(body.inputs())),
            inputs -> {
              List<Tensor> carry =
                  inputs.subList(conditionConstants + bodyConstants, inputs.size());
              Tensor goesOn =
                  Trace.apply(condition, join(inputs.subList(0, conditionConstants), carry))
                      .getFirst();
              List<Tensor> next =
                  Trace.apply(body, inputs.subList(conditionConstants, inputs.size()));
              return SwitchRules.select(goesOn, next, carry);
            });
    return new While(any, step, conditionConstants, conditionConstants + bodyConstants);
  }
}
