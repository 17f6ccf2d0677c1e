package dev.lockstep.program.primitive;

import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TracerException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Origin;
import dev.lockstep.program.Primitive;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Choices and loops, as primitives with sub-programs that run inside the plan. */
public sealed interface ControlFlow extends Primitive
    permits ControlFlow.Switch,
        ControlFlow.While,
        ControlFlow.Scan,
        ControlFlow.Checkpoint,
        Custom {
  @Override
  default String name() {
    return Names.of(getClass());
  }

  /** Tangents come from {@link #push}, which also has to compute the results in another way. */
  @Override
  default List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
    return push(operands, tangents).tangents();
  }

  /**
   * Runs one of several programs.
   *
   * <p>Operands: an {@code i32} scalar, clamped to {@code 0 … branches - 1}, then the operands of
   * all branches. Mapped over an index that differs between examples, all branches run and their
   * results are selected.
   */
  record Switch(List<Program> branches) implements ControlFlow, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      if (!operands.getFirst().equals(TensorType.of(DType.I32))) {
        throw new ShapeException("switch: the index must be i32[], got " + operands.getFirst());
      }
      for (Program branch : branches) {
        SubPrograms.require(name(), branch, operands.subList(1, operands.size()));
        if (!SubPrograms.outputTypes(branch).equals(SubPrograms.outputTypes(branches.getFirst()))) {
          throw new ShapeException(
              "switch: all branches must return the same types, got %s and %s"
                  .formatted(
                      SubPrograms.outputTypes(branches.getFirst()),
                      SubPrograms.outputTypes(branch)));
        }
      }
      return SubPrograms.outputTypes(branches.getFirst());
    }

    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      return SwitchRules.push(this, operands, tangents);
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return SwitchRules.transpose(this, cotangents, operands);
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return SwitchRules.batch(this, size, operands, mapped);
    }
  }

  /**
   * Repeats {@code carry = body(constants, carry)} while {@code condition(constants, carry)}.
   *
   * <p>Operands: the condition's constants, the body's constants, the initial carry. Results: the
   * last carry. The number of steps is not known, so there is no reverse mode: the transpose is an
   * error.
   */
  record While(Program condition, Program body, int conditionConstants, int bodyConstants)
      implements ControlFlow, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      List<TensorType> carry =
          operands.subList(conditionConstants + bodyConstants, operands.size());
      List<TensorType> forCondition = new ArrayList<>(operands.subList(0, conditionConstants));
      forCondition.addAll(carry);
      SubPrograms.require(name(), condition, forCondition);
      SubPrograms.require(name(), body, operands.subList(conditionConstants, operands.size()));
      if (!SubPrograms.outputTypes(condition).equals(List.of(TensorType.of(DType.BOOL)))) {
        throw new ShapeException(
            "while: the condition must return bool[], got " + SubPrograms.outputTypes(condition));
      }
      SubPrograms.requireCarry(name(), carry, SubPrograms.outputTypes(body));
      return List.copyOf(carry);
    }

    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      return WhileRules.push(this, operands, tangents);
    }

    /** Throws {@link TracerException}, which says what to use instead. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      throw new TracerException(
          "whileLoop: reverse mode must know how many steps are kept; give the most that there can"
              + " be, whileLoop(condition, body, init, maxSteps), or use foriLoop or scan. The loop"
              + " is at "
              + Origin.print(Trace.line()));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return WhileRules.batch(this, size, operands, mapped);
    }
  }

  /**
   * Steps through axis 0 of some operands: {@code carry, y[t] = body(constants, carry, x[t])} for t
   * in {@code 0 … length - 1}, or backwards.
   *
   * <p>Operands: constants, the initial carries, the xs. Results: the last carries, the ys.
   */
  record Scan(Program body, long length, boolean reverse, int constants, int carries)
      implements ControlFlow, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      int firstX = constants + carries;
      List<TensorType> step = new ArrayList<>(operands.subList(0, firstX));
      for (TensorType x : operands.subList(firstX, operands.size())) {
        if (x.shape().rank() == 0 || x.shape().extent(0) != length) {
          throw new ShapeException(
              "scan: axis 0 of %s must have the extent %d of the others".formatted(x, length));
        }
        step.add(x.with(x.shape().remove(0)));
      }
      SubPrograms.require(name(), body, step);
      List<TensorType> outputs = SubPrograms.outputTypes(body);
      List<TensorType> carry = operands.subList(constants, firstX);
      SubPrograms.requireCarry(name(), carry, outputs.subList(0, carries));
      List<TensorType> results = new ArrayList<>(carry);
      for (TensorType y : outputs.subList(carries, outputs.size())) {
        results.add(y.with(y.shape().insert(0, length)));
      }
      return results;
    }

    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      return ScanRules.push(this, operands, tangents);
    }

    /** Steps from the other end, with the carry's cotangent as carry. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return ScanTranspose.of(this, cotangents, operands);
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return ScanRules.batch(this, size, operands, mapped);
    }

    /** Returns the number of xs. */
    int inputs() {
      return body.inputs().size() - constants - carries;
    }

    /** Returns the number of ys. */
    int outputs() {
      return body.outputs().size() - carries;
    }

    /** Returns the body's variables that are the xs. */
    List<Variable> inputVariables() {
      return body.inputs().subList(constants + carries, body.inputs().size());
    }
  }

  /**
   * A program as one op, whose linear part computes again what it needs instead of keeping it.
   *
   * <p>Operands and results are the program's.
   *
   * @param saved the names ({@link Unary.Named}) of values that are kept all the same
   */
  record Checkpoint(Program program, List<String> saved) implements ControlFlow, Linear {
    /** Returns the program's variables that are kept. */
    List<Variable> savedVariables() {
      List<Variable> variables = new ArrayList<>();
      for (Equation equation : program.equations()) {
        if (equation.primitive() instanceof Unary.Named named && saved.contains(named.label())) {
          variables.add(equation.outputs().getFirst());
        }
      }
      return variables;
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      SubPrograms.require(name(), program, operands);
      return SubPrograms.outputTypes(program);
    }

    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      return CheckpointRules.push(this, operands, tangents);
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return CheckpointRules.transpose(this, cotangents, operands);
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return CheckpointRules.batch(this, size, operands, mapped);
    }
  }
}
