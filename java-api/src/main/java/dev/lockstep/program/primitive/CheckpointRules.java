package dev.lockstep.program.primitive;

import static dev.lockstep.program.primitive.SubPrograms.at;
import static dev.lockstep.program.primitive.SubPrograms.join;
import static dev.lockstep.program.primitive.SubPrograms.spread;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Primitive.Pushed;
import dev.lockstep.program.Program;
import dev.lockstep.program.ProgramTransforms;
import dev.lockstep.program.ProgramTransforms.BatchedProgram;
import dev.lockstep.program.ProgramTransforms.LinearizedProgram;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.ControlFlow.Checkpoint;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** The rules of {@link Checkpoint}: nothing is kept between the program and its linear part. */
final class CheckpointRules {
  private CheckpointRules() {}

  static Pushed push(Checkpoint op, List<Tensor> operands, List<Tensor> tangents) {
    List<Tensor> results = Trace.bindAll(op, operands.toArray(Tensor[]::new));
    List<Integer> moving = SubPrograms.nonzero(tangents);
    LinearizedProgram parts = ProgramTransforms.get().linearize(op.program(), moving);
    if (parts.outputs().isEmpty()) {
      return new Pushed(results, spread(results.size(), List.of(), List.of()));
    }
    List<TensorType> types = operands.stream().map(Tensor::type).toList();
    int outputs = op.program().outputs().size();
    Program again =
        Trace.program(
            "checkpoint",
            join(types, at(types, moving)),
            inputs -> {
              List<Tensor> known = Trace.apply(parts.known(), inputs.subList(0, types.size()));
              return Trace.apply(
                  parts.linear(),
                  join(
                      known.subList(outputs, known.size()),
                      inputs.subList(types.size(), inputs.size())));
            });
    List<Tensor> pushed =
        Trace.bindAll(
            new Checkpoint(again), join(operands, at(tangents, moving)).toArray(Tensor[]::new));
    return new Pushed(results, spread(results.size(), parts.outputs(), pushed));
  }

  static List<Tensor> transpose(Checkpoint op, List<Tensor> cotangents, List<Operand> operands) {
    List<Integer> unknown = SubPrograms.unknown(operands);
    List<Integer> known = new ArrayList<>(Rules.range(0, operands.size()));
    known.removeAll(unknown);
    Program program = op.program();
    Program ordered =
        new Program(
            join(at(program.inputs(), known), at(program.inputs(), unknown)),
            program.equations(),
            program.outputs(),
            program.variables());
    Program backward = ProgramTransforms.get().transpose(ordered, known.size());
    List<Tensor> inputs = new ArrayList<>();
    known.forEach(i -> inputs.add(Rules.known(operands.get(i))));
    inputs.addAll(SubPrograms.orZeros(cotangents, SubPrograms.outputTypes(program)));
    return spread(
        operands.size(),
        unknown,
        Trace.bindAll(new Checkpoint(backward), inputs.toArray(Tensor[]::new)));
  }

  static Batched batch(Checkpoint op, long size, List<Tensor> operands, boolean[] mapped) {
    BatchedProgram batched =
        ProgramTransforms.get()
            .batch(op.program(), size, mapped, new boolean[op.program().outputs().size()]);
    return new Batched(
        Trace.bindAll(new Checkpoint(batched.program()), operands.toArray(Tensor[]::new)),
        batched.mapped());
  }
}
