package dev.lockstep.program.primitive;

import dev.lockstep.program.Batched;
import dev.lockstep.program.Linear;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Program;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/**
 * Programs with derivatives or batching rules that the user gives. To run, they are their programs;
 * the compiler puts these in their place.
 */
public sealed interface Custom extends ControlFlow {
  /** Returns what the primitive computes. */
  Program program();

  @Override
  default List<TensorType> infer(List<TensorType> operands) {
    SubPrograms.require(name(), program(), operands);
    return SubPrograms.outputTypes(program());
  }

  /**
   * A program with a rule for its tangents.
   *
   * <p>Operands: the arguments, then what program and rule captured.
   *
   * @param rule takes the operands, then a tangent for each argument; gives a tangent for each
   *     result
   */
  record CustomJvp(Program program, Program rule, int arguments) implements Custom {
    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      return CustomRules.push(this, operands, tangents);
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return CustomRules.batch(this, size, operands, mapped);
    }
  }

  /**
   * A program with a rule for the cotangents of its arguments.
   *
   * <p>Operands: the arguments, then what the program and both parts of the rule captured.
   *
   * @param forward takes the operands; gives the results, then residuals
   * @param backward takes the residuals, what is captured, and a cotangent for each result; gives a
   *     cotangent for each argument
   */
  record CustomVjp(Program program, Program forward, Program backward, int arguments)
      implements Custom {
    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      return CustomRules.push(this, operands, tangents);
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return CustomRules.batch(this, size, operands, mapped);
    }
  }

  /**
   * The linear map whose transpose is {@code backward}. It runs forwards too if {@code backward} is
   * linear in the cotangents.
   *
   * <p>Operands: the residuals, then the tangents, one for each output of {@code backward}.
   */
  record CustomPullback(Program backward, int residuals) implements Custom, Linear {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      return SubPrograms.types(backward.inputs()).subList(residuals, backward.inputs().size());
    }

    @Override
    public Program program() {
      return CustomRules.forwards(this);
    }

    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      return CustomRules.push(this, operands, tangents);
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      return CustomRules.transpose(this, cotangents, operands);
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return CustomRules.batch(this, size, operands, mapped);
    }
  }

  /**
   * A program with a rule for batches. Its derivatives are the program's own.
   *
   * <p>Operands: the arguments, then what the program captured.
   */
  record CustomVmap(Program program, BatchRule rule, int arguments) implements Custom {
    @Override
    public Pushed push(List<Tensor> operands, List<Tensor> tangents) {
      return CustomRules.push(program, operands, tangents);
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      return CustomRules.batch(this, size, operands, mapped);
    }
  }

  /** What a {@link CustomVmap} does with a batch; equal rules do the same. */
  interface BatchRule {
    /**
     * Returns the results of a batch.
     *
     * @param arguments all with the batch as axis 0, as the results must have it
     */
    List<Tensor> apply(long size, List<Tensor> arguments);
  }
}
