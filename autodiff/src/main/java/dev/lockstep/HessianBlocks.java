package dev.lockstep;

import dev.lockstep.error.TreeException;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.List;

/**
 * The Hessian of a function of a tree, as {@link Derivatives#hessianBlocks} gives it: a tree of
 * second derivatives for each of the argument's tensors. A tree itself.
 *
 * <pre>{@code
 * HessianBlocks<Linear> h = hessianBlocks(loss).apply(linear);
 * Tensor wb = h.of(Linear::w).b();                // ∂²f/∂w∂b, of shape w.shape + b.shape
 * }</pre>
 *
 * @param rows one for each tensor of the argument, in the order of its leaves: {@code ∂²f/∂leaf∂x}
 *     for all tensors x, of shape {@code result.shape + leaf.shape + x.shape}
 */
public record HessianBlocks<A>(List<A> rows) {
  /**
   * Returns the second derivatives with respect to one of the argument's tensors and each of them.
   *
   * @param leaf takes a tree like the argument, gives one of its tensors: {@code Linear::w}
   * @throws TreeException if it gives another tensor
   */
  public A of(Fn<A, Tensor> leaf) {
    Tree.Structure structure = Tree.flatten("hessianBlocks", rows.getFirst()).structure();
    List<Tensor> marks = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      marks.add(Tensor.scalar(i));
    }
    A marked = structure.unflatten(marks);
    Tensor selected = leaf.apply(marked);
    for (int i = 0; i < rows.size(); i++) {
      if (marks.get(i) == selected) {
        return rows.get(i);
      }
    }
    throw new TreeException(
        "hessianBlocks: expected of(…) to select a tensor of the tree %s as it is"
            .formatted(structure));
  }
}
