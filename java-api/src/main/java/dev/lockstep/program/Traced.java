package dev.lockstep.program;

import dev.lockstep.program.primitive.Structural;
import dev.lockstep.runtime.Array;
import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A traced function.
 *
 * @param program its inputs are the function's arguments, then what it captured
 * @param captured the tensors that the inputs after the arguments stand for
 */
public record Traced(Program program, List<Tensor> captured) {

  /** Applies the program to these arguments and what the function captured. */
  public List<Tensor> apply(List<Tensor> arguments) {
    return Trace.apply(program, with(arguments));
  }

  /** Returns the arguments followed by the captured tensors: all inputs of the program. */
  public List<Tensor> with(List<Tensor> arguments) {
    if (captured.isEmpty()) {
      return arguments;
    }
    List<Tensor> inputs = new ArrayList<>(arguments.size() + captured.size());
    inputs.addAll(arguments);
    inputs.addAll(captured);
    return inputs;
  }

  /**
   * Returns the same function with captured Java scalars as constants of the program. For programs
   * that are kept and run often: the compiler can simplify with the values, and each run passes
   * less.
   */
  public Traced withScalarsAsConstants() {
    int arguments = program.inputs().size() - captured.size();
    List<Variable> inputs = new ArrayList<>(program.inputs().subList(0, arguments));
    List<Tensor> kept = new ArrayList<>();
    List<Equation> equations = new ArrayList<>();
    for (int i = 0; i < captured.size(); i++) {
      Variable input = program.inputs().get(arguments + i);
      if (captured.get(i) instanceof Array array && array.isLiteral()) {
        Number value = number(array.dtype(), array.literalBits());
        equations.add(
            new Equation(
                new Structural.Full(input.type(), value), List.of(), List.of(input), null));
      } else {
        inputs.add(input);
        kept.add(captured.get(i));
      }
    }
    equations.addAll(program.equations());
    return new Traced(new Program(inputs, equations, program.outputs(), program.variables()), kept);
  }

  private static Number number(DType dtype, long bits) {
    return switch (dtype) {
      case BOOL, I64 -> bits;
      case I32 -> (long) (int) bits;
      case F32 -> (double) Float.intBitsToFloat((int) bits);
      case F64 -> Double.longBitsToDouble(bits);
      case BF16 -> (double) BFloat16.toFloat((short) bits);
    };
  }
}
