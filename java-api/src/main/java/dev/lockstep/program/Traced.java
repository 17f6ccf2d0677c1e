package dev.lockstep.program;

import dev.lockstep.program.primitive.Structural;
import dev.lockstep.runtime.Array;
import dev.lockstep.tensor.BFloat16;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

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
    return withScalarsAsConstants(_ -> true);
  }

  /** Returns the same function with those captured Java scalars as constants that are chosen. */
  public Traced withScalarsAsConstants(Predicate<Number> chosen) {
    if (captured.stream().noneMatch(tensor -> isScalar(tensor, chosen))) {
      return this;
    }
    int arguments = program.inputs().size() - captured.size();
    List<Variable> inputs = new ArrayList<>(program.inputs().subList(0, arguments));
    List<Tensor> kept = new ArrayList<>();
    List<Equation> equations = new ArrayList<>();
    for (int i = 0; i < captured.size(); i++) {
      Variable input = program.inputs().get(arguments + i);
      if (isScalar(captured.get(i), chosen)) {
        Number value = number((Array) captured.get(i));
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

  private static boolean isScalar(Tensor tensor, Predicate<Number> chosen) {
    return tensor instanceof Array array && array.isLiteral() && chosen.test(number(array));
  }

  private static Number number(Array literal) {
    long bits = literal.literalBits();
    return switch (literal.dtype()) {
      case BOOL, I64 -> bits;
      case I32 -> (long) (int) bits;
      case F32 -> (double) Float.intBitsToFloat((int) bits);
      case F64 -> Double.longBitsToDouble(bits);
      case BF16 -> (double) BFloat16.toFloat((short) bits);
    };
  }
}
