package dev.lockstep.program.primitive;

import static dev.lockstep.program.primitive.SubPrograms.at;
import static dev.lockstep.program.primitive.SubPrograms.join;
import static dev.lockstep.program.primitive.SubPrograms.spread;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Primitive.Pushed;
import dev.lockstep.program.Program;
import dev.lockstep.program.ProgramTransforms;
import dev.lockstep.program.ProgramTransforms.BatchedProgram;
import dev.lockstep.program.ProgramTransforms.LinearizedProgram;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.ControlFlow.Scan;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Forward mode and batching of {@link Scan}. */
final class ScanRules {
  private ScanRules() {}

  /**
   * Two scans: the first computes the results and stacks the residuals of each step, the second is
   * linear and carries the tangents. A residual that is a constant of the body is not stacked.
   */
  static Pushed push(Scan scan, List<Tensor> operands, List<Tensor> tangents) {
    int firstX = scan.constants() + scan.carries();
    boolean[] moving = new boolean[operands.size()];
    for (int i = 0; i < moving.length; i++) {
      moving[i] = tangents.get(i) != null;
    }
    LinearizedProgram body = linearize(scan, moving);
    List<Variable> residuals =
        body.known().outputs().subList(scan.body().outputs().size(), body.known().outputs().size());
    List<Integer> fixed = new ArrayList<>();
    List<Integer> stacked = new ArrayList<>();
    for (int i = 0; i < residuals.size(); i++) {
      int input = body.known().inputs().indexOf(residuals.get(i));
      (input >= 0 && input < scan.constants() ? fixed : stacked).add(i);
    }

    List<Variable> knownOutputs =
        join(
            body.known().outputs().subList(0, scan.body().outputs().size()),
            at(residuals, stacked));
    Program known =
        new Program(
            body.known().inputs(),
            body.known().equations(),
            knownOutputs,
            body.known().variables());
    List<Tensor> all =
        Trace.bindAll(
            new Scan(known, scan.length(), scan.reverse(), scan.constants(), scan.carries()),
            operands.toArray(Tensor[]::new));
    int results = scan.body().outputs().size();
    List<Tensor> stacks = all.subList(results, all.size());

    List<Tensor> constants = new ArrayList<>();
    for (int i : fixed) {
      constants.add(operands.get(body.known().inputs().indexOf(residuals.get(i))));
    }
    List<Integer> movingInputs = SubPrograms.positions(moving);
    List<Integer> movingConstants =
        movingInputs.stream().filter(i -> i < scan.constants()).toList();
    List<Integer> movingCarries =
        movingInputs.stream().filter(i -> i >= scan.constants() && i < firstX).toList();
    List<Integer> movingXs = movingInputs.stream().filter(i -> i >= firstX).toList();
    List<Integer> movingResults = new ArrayList<>();
    movingCarries.forEach(i -> movingResults.add(i - scan.constants()));
    body.outputs().stream().filter(i -> i >= scan.carries()).forEach(movingResults::add);

    Program linear =
        linearBody(
            body, fixed, stacked, movingInputs, scan.constants(), firstX, movingResults, scan);
    List<TensorType> types = SubPrograms.types(scan.body().inputs());
    List<Tensor> carried = new ArrayList<>();
    for (int i : movingCarries) {
      carried.add(tangents.get(i) != null ? tangents.get(i) : Rules.full(types.get(i), 0));
    }
    Scan tangentScan =
        new Scan(
            linear,
            scan.length(),
            scan.reverse(),
            fixed.size() + movingConstants.size(),
            movingCarries.size());
    List<Tensor> pushed =
        movingResults.isEmpty()
            ? List.of()
            : Trace.bindAll(
                tangentScan,
                join(
                        constants,
                        at(tangents, movingConstants),
                        carried,
                        stacks,
                        at(tangents, movingXs))
                    .toArray(Tensor[]::new));
    return new Pushed(all.subList(0, results), spread(results, movingResults, pushed));
  }

  /**
   * Linearises the body with all carries moving that can come to move; sets these in {@code
   * moving}.
   */
  private static LinearizedProgram linearize(Scan scan, boolean[] moving) {
    while (true) {
      LinearizedProgram body =
          ProgramTransforms.get().linearize(scan.body(), SubPrograms.positions(moving));
      boolean stable = true;
      for (int output : body.outputs()) {
        if (output < scan.carries() && !moving[scan.constants() + output]) {
          moving[scan.constants() + output] = true;
          stable = false;
        }
      }
      if (stable) {
        return body;
      }
    }
  }

  /**
   * Returns the linear part with its inputs in a scan's order and a tangent for each moving result.
   */
  private static Program linearBody(
      LinearizedProgram body,
      List<Integer> fixed,
      List<Integer> stacked,
      List<Integer> movingInputs,
      int constants,
      int firstX,
      List<Integer> movingResults,
      Scan scan) {
    List<Variable> residuals = body.linear().inputs().subList(0, body.residuals());
    List<Variable> tangents =
        body.linear().inputs().subList(body.residuals(), body.linear().inputs().size());
    List<Variable> ofConstants = new ArrayList<>();
    List<Variable> ofCarries = new ArrayList<>();
    List<Variable> ofXs = new ArrayList<>();
    for (int i = 0; i < movingInputs.size(); i++) {
      int input = movingInputs.get(i);
      (input < constants ? ofConstants : input < firstX ? ofCarries : ofXs).add(tangents.get(i));
    }
    List<Variable> inputs =
        join(at(residuals, fixed), ofConstants, ofCarries, at(residuals, stacked), ofXs);
    Program ordered =
        new Program(
            inputs, body.linear().equations(), body.linear().outputs(), body.linear().variables());
    List<TensorType> outputTypes = SubPrograms.outputTypes(scan.body());
    return Trace.program(
        "scan",
        SubPrograms.types(inputs),
        tensors -> {
          List<Tensor> known = Trace.apply(ordered, tensors);
          List<Tensor> outputs = new ArrayList<>();
          for (int result : movingResults) {
            int position = body.outputs().indexOf(result);
            outputs.add(
                position >= 0 ? known.get(position) : Rules.full(outputTypes.get(result), 0));
          }
          return outputs;
        });
  }

  /** Maps the body; a carry is mapped if it is at first or comes to be. */
  static Batched batch(Scan scan, long size, List<Tensor> operands, boolean[] mapped) {
    boolean[] inputs = mapped.clone();
    BatchedProgram body;
    while (true) {
      boolean[] force = new boolean[scan.body().outputs().size()];
      System.arraycopy(inputs, scan.constants(), force, 0, scan.carries());
      body = ProgramTransforms.get().batch(scan.body(), size, inputs, force);
      boolean[] before = inputs.clone();
      for (int i = 0; i < scan.carries(); i++) {
        inputs[scan.constants() + i] |= body.mapped()[i];
      }
      if (Arrays.equals(before, inputs)) {
        break;
      }
    }
    int firstX = scan.constants() + scan.carries();
    List<Tensor> batched = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      Tensor operand = operands.get(i);
      if (i < firstX) {
        batched.add(inputs[i] && !mapped[i] ? Rules.repeat(operand, size) : operand);
      } else {
        batched.add(mapped[i] ? operand.moveAxis(0, 1) : operand);
      }
    }
    List<Tensor> results =
        Trace.bindAll(
            new Scan(
                body.program(), scan.length(), scan.reverse(), scan.constants(), scan.carries()),
            batched.toArray(Tensor[]::new));
    List<Tensor> moved = new ArrayList<>(results.subList(0, scan.carries()));
    for (int i = scan.carries(); i < results.size(); i++) {
      moved.add(body.mapped()[i] ? results.get(i).moveAxis(1, 0) : results.get(i));
    }
    return new Batched(moved, body.mapped());
  }
}
