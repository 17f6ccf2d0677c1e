package dev.lockstep.program.primitive;

import static dev.lockstep.program.primitive.SubPrograms.join;

import dev.lockstep.program.Operand;
import dev.lockstep.program.Program;
import dev.lockstep.program.ProgramTransforms;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.ControlFlow.Scan;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reverse mode of {@link Scan}: another scan from the other end. It carries the carries' cotangents
 * and the sums of the unknown constants' cotangents, reads the known xs and the ys' cotangents, and
 * gives the unknown xs' cotangents.
 */
final class ScanTranspose {
  private final Scan scan;
  private final List<Operand> operands;
  private final List<Integer> knownConstants = new ArrayList<>();
  private final List<Integer> unknownConstants = new ArrayList<>();
  private final List<Integer> knownXs = new ArrayList<>();
  private final List<Integer> unknownXs = new ArrayList<>();

  private ScanTranspose(Scan scan, List<Operand> operands) {
    this.scan = scan;
    this.operands = operands;
    int firstX = scan.constants() + scan.carries();
    for (int i = 0; i < operands.size(); i++) {
      boolean known = operands.get(i) instanceof Operand.Known;
      if (i < scan.constants()) {
        (known ? knownConstants : unknownConstants).add(i);
      } else if (i >= firstX) {
        (known ? knownXs : unknownXs).add(i);
      }
    }
  }

  static List<Tensor> of(Scan scan, List<Tensor> cotangents, List<Operand> operands) {
    return new ScanTranspose(scan, operands).run(cotangents);
  }

  private List<Tensor> run(List<Tensor> cotangents) {
    List<TensorType> results = scan.infer(operands.stream().map(Operand::type).toList());
    List<Tensor> cts = SubPrograms.orZeros(cotangents, results);
    List<Tensor> sums = new ArrayList<>();
    for (int i : unknownConstants) {
      sums.add(Rules.full(operands.get(i).type(), 0));
    }
    List<Tensor> constants = known(knownConstants);
    List<Tensor> outputs =
        Trace.bindAll(
            new Scan(
                body(),
                scan.length(),
                !scan.reverse(),
                constants.size(),
                scan.carries() + sums.size()),
            join(
                    constants,
                    cts.subList(0, scan.carries()),
                    sums,
                    known(knownXs),
                    cts.subList(scan.carries(), cts.size()))
                .toArray(Tensor[]::new));
    Tensor[] gradients = new Tensor[operands.size()];
    for (int i = 0; i < scan.carries(); i++) {
      gradients[scan.constants() + i] = outputs.get(i);
    }
    for (int i = 0; i < unknownConstants.size(); i++) {
      gradients[unknownConstants.get(i)] = outputs.get(scan.carries() + i);
    }
    for (int i = 0; i < unknownXs.size(); i++) {
      gradients[unknownXs.get(i)] = outputs.get(scan.carries() + sums.size() + i);
    }
    return Arrays.asList(gradients);
  }

  private List<Tensor> known(List<Integer> positions) {
    return positions.stream().map(i -> Rules.known(operands.get(i))).toList();
  }

  /** Returns the step backwards. */
  private Program body() {
    List<Variable> inputs = scan.body().inputs();
    List<Variable> residuals =
        join(SubPrograms.at(inputs, knownConstants), SubPrograms.at(inputs, knownXs));
    List<Variable> carries = inputs.subList(scan.constants(), scan.constants() + scan.carries());
    List<Variable> unknown =
        join(SubPrograms.at(inputs, unknownConstants), carries, SubPrograms.at(inputs, unknownXs));
    Program ordered =
        new Program(
            join(residuals, unknown),
            scan.body().equations(),
            scan.body().outputs(),
            scan.body().variables());
    Program backward = ProgramTransforms.get().transpose(ordered, residuals.size());
    List<TensorType> outputTypes = SubPrograms.outputTypes(scan.body());
    int sums = unknownConstants.size();
    List<TensorType> types =
        join(
            SubPrograms.types(SubPrograms.at(inputs, knownConstants)),
            outputTypes.subList(0, scan.carries()),
            SubPrograms.types(SubPrograms.at(inputs, unknownConstants)),
            SubPrograms.types(SubPrograms.at(inputs, knownXs)),
            outputTypes.subList(scan.carries(), outputTypes.size()));
    return Trace.program(
        "scan",
        types,
        tensors -> {
          int firstCarry = knownConstants.size();
          int firstSum = firstCarry + scan.carries();
          int firstX = firstSum + sums;
          int firstY = firstX + knownXs.size();
          List<Tensor> gradients =
              Trace.apply(
                  backward,
                  join(
                      tensors.subList(0, firstCarry),
                      tensors.subList(firstX, firstY),
                      tensors.subList(firstCarry, firstSum),
                      tensors.subList(firstY, tensors.size())));
          List<Tensor> added = new ArrayList<>();
          for (int i = 0; i < sums; i++) {
            added.add(tensors.get(firstSum + i).add(gradients.get(i)));
          }
          return join(
              gradients.subList(sums, sums + scan.carries()),
              added,
              gradients.subList(sums + scan.carries(), gradients.size()));
        });
  }
}
