package dev.lockstep.program.primitive;

import static dev.lockstep.program.primitive.SubPrograms.at;
import static dev.lockstep.program.primitive.SubPrograms.join;
import static dev.lockstep.program.primitive.SubPrograms.spread;

import dev.lockstep.error.TracerException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Origin;
import dev.lockstep.program.Primitive.Pushed;
import dev.lockstep.program.Program;
import dev.lockstep.program.ProgramTransforms;
import dev.lockstep.program.ProgramTransforms.BatchedProgram;
import dev.lockstep.program.ProgramTransforms.PushedProgram;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Custom.CustomJvp;
import dev.lockstep.program.primitive.Custom.CustomPullback;
import dev.lockstep.program.primitive.Custom.CustomVjp;
import dev.lockstep.program.primitive.Custom.CustomVmap;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The rules of {@link Custom}. */
final class CustomRules {
  private CustomRules() {}

  static Pushed push(CustomJvp op, List<Tensor> operands, List<Tensor> tangents) {
    requireConstant("customJvp", op.arguments(), tangents);
    List<Tensor> results = Trace.bindAll(op, operands.toArray(Tensor[]::new));
    List<TensorType> types = SubPrograms.types(op.program().inputs());
    List<Tensor> directions =
        SubPrograms.orZeros(tangents.subList(0, op.arguments()), types.subList(0, op.arguments()));
    return new Pushed(results, floating(Trace.apply(op.rule(), join(operands, directions))));
  }

  static Pushed push(CustomVjp op, List<Tensor> operands, List<Tensor> tangents) {
    requireConstant("customVjp", op.arguments(), tangents);
    int outputs = op.program().outputs().size();
    List<Tensor> all = Trace.apply(op.forward(), operands);
    List<TensorType> types = SubPrograms.types(op.program().inputs());
    List<Tensor> residuals =
        join(all.subList(outputs, all.size()), operands.subList(op.arguments(), operands.size()));
    List<Tensor> directions =
        SubPrograms.orZeros(tangents.subList(0, op.arguments()), types.subList(0, op.arguments()));
    List<Tensor> pushed =
        Trace.bindAll(
            new CustomPullback(op.backward(), residuals.size()),
            join(residuals, directions).toArray(Tensor[]::new));
    return new Pushed(all.subList(0, outputs), floating(pushed));
  }

  private static void requireConstant(String op, int arguments, List<Tensor> tangents) {
    for (Tensor tangent : tangents.subList(arguments, tangents.size())) {
      if (tangent != null) {
        throw new TracerException(
            ("%s: the function closes over a %s that is differentiated, for which there is no rule;"
                    + " pass it as an argument. Called at %s")
                .formatted(op, tangent.type(), Origin.print(Trace.line())));
      }
    }
  }

  private static List<Tensor> floating(List<Tensor> tangents) {
    Tensor[] result = tangents.toArray(Tensor[]::new);
    for (int i = 0; i < result.length; i++) {
      result[i] = result[i].dtype().isFloating() ? result[i] : null;
    }
    return Arrays.asList(result);
  }

  static Pushed push(CustomPullback op, List<Tensor> operands, List<Tensor> tangents) {
    List<Integer> moving = SubPrograms.nonzero(tangents);
    if (moving.getFirst() >= op.residuals()) {
      List<Tensor> results = Trace.bindAll(op, operands.toArray(Tensor[]::new));
      List<TensorType> types = operands.stream().map(Tensor::type).toList();
      List<Tensor> directions =
          join(
              operands.subList(0, op.residuals()),
              SubPrograms.orZeros(tangents, types).subList(op.residuals(), operands.size()));
      return new Pushed(results, Trace.bindAll(op, directions.toArray(Tensor[]::new)));
    }
    return push(op.program(), operands, tangents);
  }

  /** Returns what the program gives, with its own tangents. */
  static Pushed push(Program program, List<Tensor> operands, List<Tensor> tangents) {
    List<Integer> moving = SubPrograms.nonzero(tangents);
    PushedProgram pushed = ProgramTransforms.get().push(program, moving);
    int outputs = program.outputs().size();
    List<Tensor> all = Trace.apply(pushed.program(), join(operands, at(tangents, moving)));
    return new Pushed(
        all.subList(0, outputs),
        spread(outputs, pushed.outputs(), all.subList(outputs, all.size())));
  }

  static List<Tensor> transpose(
      CustomPullback op, List<Tensor> cotangents, List<Operand> operands) {
    List<Tensor> inputs = new ArrayList<>();
    operands.subList(0, op.residuals()).forEach(operand -> inputs.add(Rules.known(operand)));
    List<TensorType> types = op.infer(List.of());
    inputs.addAll(SubPrograms.orZeros(cotangents, types));
    List<Tensor> nothing = Collections.nCopies(op.residuals(), null);
    return join(nothing, floating(Trace.apply(op.backward(), inputs)));
  }

  /** Returns the linear map itself: the transpose of its transpose. */
  static Program forwards(CustomPullback op) {
    try {
      return ProgramTransforms.get().transpose(op.backward(), op.residuals());
    } catch (IllegalStateException e) {
      throw new TracerException(
          "customVjp: forward mode (jvp, jacfwd, linearize) needs a backward function that is"
              + " linear in the cotangent; this one is not, use grad, vjp or jacrev",
          e);
    }
  }

  static Batched batch(CustomJvp op, long size, List<Tensor> operands, boolean[] mapped) {
    ProgramTransforms transforms = ProgramTransforms.get();
    boolean[] forRule = Arrays.copyOf(mapped, mapped.length + op.arguments());
    System.arraycopy(mapped, 0, forRule, mapped.length, op.arguments());
    boolean[] force = new boolean[op.program().outputs().size()];
    while (true) {
      BatchedProgram program = transforms.batch(op.program(), size, mapped, force);
      BatchedProgram rule = transforms.batch(op.rule(), size, forRule, program.mapped());
      if (Arrays.equals(rule.mapped(), program.mapped())) {
        CustomJvp batched = new CustomJvp(program.program(), rule.program(), op.arguments());
        return new Batched(
            Trace.bindAll(batched, operands.toArray(Tensor[]::new)), program.mapped());
      }
      force = rule.mapped();
    }
  }

  /** Follows the rule, with all arguments mapped. */
  static Batched batch(CustomVmap op, long size, List<Tensor> operands, boolean[] mapped) {
    List<Tensor> arguments = new ArrayList<>(op.arguments());
    for (int i = 0; i < op.arguments(); i++) {
      arguments.add(mapped[i] ? operands.get(i) : Rules.repeat(operands.get(i), size));
    }
    return new Batched(op.rule().apply(size, arguments), all(op.program().outputs().size()));
  }

  /** Maps all arguments and results, so that each has a cotangent for each example. */
  static Batched batch(CustomVjp op, long size, List<Tensor> operands, boolean[] mapped) {
    ProgramTransforms transforms = ProgramTransforms.get();
    boolean[] inputs = mapped.clone();
    Arrays.fill(inputs, 0, op.arguments(), true);
    List<Tensor> batched = new ArrayList<>(operands);
    for (int i = 0; i < op.arguments(); i++) {
      batched.set(i, mapped[i] ? operands.get(i) : Rules.repeat(operands.get(i), size));
    }
    boolean[] results = all(op.program().outputs().size());
    boolean[] forward = all(op.forward().outputs().size());
    boolean[] backward = all(op.backward().inputs().size());
    int residuals = forward.length - results.length;
    System.arraycopy(inputs, op.arguments(), backward, residuals, inputs.length - op.arguments());
    CustomVjp together =
        new CustomVjp(
            transforms.batch(op.program(), size, inputs, results).program(),
            transforms.batch(op.forward(), size, inputs, forward).program(),
            transforms.batch(op.backward(), size, backward, all(op.arguments())).program(),
            op.arguments());
    return new Batched(Trace.bindAll(together, batched.toArray(Tensor[]::new)), results);
  }

  /** Maps all tangents, so that each has a cotangent for each example. */
  static Batched batch(CustomPullback op, long size, List<Tensor> operands, boolean[] mapped) {
    boolean[] inputs = all(op.backward().inputs().size());
    System.arraycopy(mapped, 0, inputs, 0, op.residuals());
    List<Tensor> batched = new ArrayList<>(operands);
    for (int i = op.residuals(); i < batched.size(); i++) {
      batched.set(i, mapped[i] ? operands.get(i) : Rules.repeat(operands.get(i), size));
    }
    boolean[] gradients = all(op.backward().outputs().size());
    Program backward =
        ProgramTransforms.get().batch(op.backward(), size, inputs, gradients).program();
    CustomPullback together = new CustomPullback(backward, op.residuals());
    return new Batched(
        Trace.bindAll(together, batched.toArray(Tensor[]::new)),
        all(op.backward().inputs().size() - op.residuals()));
  }

  private static boolean[] all(int size) {
    boolean[] all = new boolean[size];
    Arrays.fill(all, true);
    return all;
  }
}
