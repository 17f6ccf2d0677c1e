package dev.lockstep.autodiff;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import dev.lockstep.error.TreeException;
import dev.lockstep.program.Origin;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.runtime.Array;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.List;

/** The arguments of one call of a transformed function, taken apart into tensors. */
final class Call {
  private final String transform;
  private final List<Tensor> leaves;
  private final Tree.Structure structure;

  private Call(String transform, Tree.Flattened arguments) {
    this.transform = transform;
    this.leaves = arguments.leaves();
    this.structure = arguments.structure();
  }

  /**
   * @throws dev.lockstep.error.TracerException if an argument is a tracer and no trace is current
   * @throws dev.lockstep.error.ClosedTensorException if an argument is closed
   */
  static Call of(String transform, Object... arguments) {
    Tree.Flattened flat = Tree.flattenArguments(transform, arguments);
    boolean staged = Trace.active();
    for (Tensor leaf : flat.leaves()) {
      if (!staged || leaf instanceof Array) {
        leaf.concrete(transform);
      }
    }
    return new Call(transform, flat);
  }

  /** Returns the text of an error with the user's line of the call. */
  static String located(String text, Object... values) {
    return text.formatted(values) + ". Called at " + Origin.print(Origin.capture());
  }

  List<Tensor> leaves() {
    return leaves;
  }

  Tree.Structure structure() {
    return structure;
  }

  List<TensorType> types() {
    List<TensorType> types = new ArrayList<>(leaves.size());
    for (Tensor leaf : leaves) {
      types.add(leaf.type());
    }
    return types;
  }

  /** Returns the numbers of all leaves, which must be floating. */
  List<Integer> floatingLeaves() {
    return floatingLeaves(0, leaves.size());
  }

  /** Returns the numbers of the leaves of an argument, which must be floating. */
  List<Integer> floatingLeaves(int argument) {
    int start = 0;
    for (int i = 0; i < argument; i++) {
      start += structure.children().get(i).leafCount();
    }
    int count = structure.children().get(argument).leafCount();
    if (count == 0) {
      throw new TreeException(
          located(
              "%s: argument %d has no tensors to differentiate with respect to",
              transform, argument));
    }
    return floatingLeaves(start, start + count);
  }

  private List<Integer> floatingLeaves(int from, int to) {
    List<Integer> result = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      TensorType type = leaves.get(i).type();
      if (!type.dtype().isFloating()) {
        throw new DTypeException(
            located(
                "%s: arguments must be floating to have derivatives, %s is %s; cast it, or let"
                    + " the function capture it",
                transform, structure.path(i), type));
      }
      result.add(i);
    }
    return result;
  }

  /** Returns a tree like an argument. */
  Object rebuild(int argument, List<Tensor> tensors) {
    return structure.children().get(argument).unflatten(tensors);
  }

  /** Returns trees like the arguments. */
  Object[] rebuild(List<Tensor> tensors) {
    List<Tree.Structure> children = structure.children();
    Object[] arguments = new Object[children.size()];
    int start = 0;
    for (int i = 0; i < arguments.length; i++) {
      int end = start + children.get(i).leafCount();
      arguments[i] = children.get(i).unflatten(tensors.subList(start, end));
      start = end;
    }
    return arguments;
  }

  /**
   * Returns the tensors of trees that must be like the arguments, in structure, shapes and dtypes.
   */
  List<Tensor> alike(String what, Object... trees) {
    Tree.Flattened flat = Tree.flattenArguments(transform, trees);
    requireAlike(transform, what, structure, types(), flat);
    return flat.leaves();
  }

  static void requireAlike(
      String transform,
      String what,
      Tree.Structure structure,
      List<TensorType> types,
      Tree.Flattened given) {
    if (!given.structure().equals(structure)) {
      throw new TreeException(
          located(
              "%s: the %s must be a tree like the primal, %s, got %s",
              transform, what, structure, given.structure()));
    }
    for (int i = 0; i < types.size(); i++) {
      TensorType type = given.leaves().get(i).type();
      if (!type.equals(types.get(i))) {
        String path = structure.path(i);
        String of = path.isEmpty() ? "" : " of " + path;
        String text =
            located(
                "%s: the %s%s must be %s like the primal, got %s",
                transform, what, of, types.get(i), type);
        throw type.dtype() == types.get(i).dtype()
            ? new ShapeException(text)
            : new DTypeException(text);
      }
    }
  }

  /**
   * Traces the function once.
   *
   * @param types what the function is traced for, one type a leaf
   * @param values the leaves if the function may ask for values, else null
   */
  TracedCall trace(Variadic function, List<TensorType> types, List<Tensor> values) {
    Tree.Flattened[] output = new Tree.Flattened[1];
    Traced traced =
        Trace.trace(
            transform,
            types,
            values,
            tracers -> {
              Object result = function.apply(rebuild(tracers));
              output[0] = Tree.flatten(transform + ": the result", result);
              if (output[0].leaves().isEmpty()) {
                throw new TreeException(
                    located(
                        "%s: the function must return tensors, it returned %s",
                        transform, describe(result)));
              }
              return output[0].leaves();
            });
    return new TracedCall(transform, traced, output[0]);
  }

  private static String describe(Object result) {
    return result == null ? "null" : result + " of " + result.getClass();
  }
}
