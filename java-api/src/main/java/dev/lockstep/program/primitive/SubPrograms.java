package dev.lockstep.program.primitive;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the rules of primitives with sub-programs share. */
final class SubPrograms {
  private SubPrograms() {}

  static List<TensorType> types(List<Variable> variables) {
    return variables.stream().map(Variable::type).toList();
  }

  static List<TensorType> outputTypes(Program program) {
    return types(program.outputs());
  }

  /** Checks that a sub-program takes operands of these types. */
  static void require(String op, Program program, List<TensorType> operands) {
    if (!types(program.inputs()).equals(operands)) {
      throw new ShapeException(
          "%s: its program takes %s, got %s".formatted(op, types(program.inputs()), operands));
    }
  }

  /** Checks that a loop's body returns what it carries. */
  static void requireCarry(String op, List<TensorType> carry, List<TensorType> returned) {
    if (!carry.equals(returned)) {
      throw new ShapeException(
          "%s: the body must return the types that it carries, %s, it returned %s"
              .formatted(op, carry, returned));
    }
  }

  /** Returns the positions of the tangents that are not zero. */
  static List<Integer> nonzero(List<Tensor> tangents) {
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < tangents.size(); i++) {
      if (tangents.get(i) != null) {
        positions.add(i);
      }
    }
    return positions;
  }

  /** Returns the positions that are set. */
  static List<Integer> positions(boolean[] flags) {
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < flags.length; i++) {
      if (flags[i]) {
        positions.add(i);
      }
    }
    return positions;
  }

  /** Returns the positions of the operands whose values are not known. */
  static List<Integer> unknown(List<Operand> operands) {
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      if (operands.get(i) instanceof Operand.Unknown) {
        positions.add(i);
      }
    }
    return positions;
  }

  /** Returns the tensors, zeros for null. */
  static List<Tensor> orZeros(List<Tensor> tensors, List<TensorType> types) {
    List<Tensor> result = new ArrayList<>(tensors.size());
    for (int i = 0; i < tensors.size(); i++) {
      result.add(tensors.get(i) != null ? tensors.get(i) : Rules.full(types.get(i), 0));
    }
    return result;
  }

  /** Returns the lists as one. */
  @SafeVarargs
  static <T> List<T> join(List<? extends T>... lists) {
    List<T> result = new ArrayList<>();
    for (List<? extends T> list : lists) {
      result.addAll(list);
    }
    return result;
  }

  /** Returns the elements at these positions. */
  static <T> List<T> at(List<T> list, List<Integer> positions) {
    return positions.stream().map(list::get).toList();
  }

  /** Returns a list of {@code size} with {@code values} at these positions, null elsewhere. */
  static List<Tensor> spread(int size, List<Integer> positions, List<Tensor> values) {
    Tensor[] result = new Tensor[size];
    for (int i = 0; i < positions.size(); i++) {
      result[positions.get(i)] = values.get(i);
    }
    return Arrays.asList(result);
  }
}
