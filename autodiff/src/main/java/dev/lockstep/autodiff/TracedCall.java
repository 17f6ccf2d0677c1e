package dev.lockstep.autodiff;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.TreeException;
import dev.lockstep.program.Origin;
import dev.lockstep.program.Program;
import dev.lockstep.program.Traced;
import dev.lockstep.program.Tracer;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.List;

/**
 * A function as it was traced for one call.
 *
 * @param traced its program and what it captured
 * @param result what it returned, taken apart
 */
record TracedCall(String transform, Traced traced, Tree.Flattened result) {
  Program program() {
    return traced.program();
  }

  Tree.Structure output() {
    return result.structure();
  }

  /** Returns all inputs of the program: the arguments' leaves, then what the function captured. */
  List<Tensor> inputs(List<Tensor> leaves) {
    return traced.with(leaves);
  }

  /** Returns an output for errors: its type, where it stands and the line that created it. */
  String describe(int leaf) {
    Tensor tensor = result.leaves().get(leaf);
    String path = output().path(leaf);
    return tensor.type()
        + (path.isEmpty() ? "" : " in " + path)
        + (tensor instanceof Tracer tracer ? " from " + Origin.print(tracer.origin()) : "");
  }

  /** Returns the type of the one tensor that the function must have returned. */
  TensorType singleOutput() {
    if (!output().isLeaf()) {
      throw new TreeException(
          Call.located(
              "%s: the function must return one tensor, it returned %s", transform, output()));
    }
    return result.leaves().getFirst().type();
  }

  void requireFloatingOutputs() {
    for (int i = 0; i < output().leafCount(); i++) {
      if (!result.leaves().get(i).dtype().isFloating()) {
        throw new DTypeException(
            Call.located(
                "%s: the function must return floating numbers to have derivatives, it returned %s;"
                    + " cast it",
                transform, describe(i)));
      }
    }
  }

  /** Returns a tree like the function's result. */
  Object rebuild(List<Tensor> tensors) {
    return output().unflatten(tensors);
  }

  /** Returns a tree like the function's result with tensors at these leaves and zeros elsewhere. */
  Object rebuildSparse(List<Integer> nonzero, List<Tensor> tensors) {
    List<Tensor> all = new ArrayList<>(output().leafCount());
    for (int i = 0; i < output().leafCount(); i++) {
      int place = nonzero.indexOf(i);
      all.add(place >= 0 ? tensors.get(place) : Values.zeros(result.leaves().get(i).type()));
    }
    return rebuild(all);
  }

  /**
   * Returns the tensors of a tree that must be like the result, in structure, shapes and dtypes.
   */
  List<Tensor> alike(String what, Object tree) {
    Tree.Flattened flat = Tree.flatten(transform, tree);
    Call.requireAlike(transform, what, output(), Programs.types(program().outputs()), flat);
    return flat.leaves();
  }
}
