package dev.lockstep.tensor;

import dev.lockstep.error.TreeException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * Values made of tensors. A tree is a tensor, a record, list, map, array or {@link
 * java.util.Optional} of trees, or null, which is the empty tree. Any record is a tree, without
 * registration. Its leaves are its tensors, in the order of the record's components, the list or
 * array, or the map's keys, which are sorted and so must be comparable.
 *
 * <p>What else stands in a tree is static: strings, boxed numbers, booleans, enums, classes and
 * shapes. It belongs to the {@link Structure}, as the classes, keys and lengths do.
 *
 * <pre>{@code
 * record Linear(Tensor w, Tensor b) {}
 *
 * Linear halved = Tree.map(linear, leaf -> leaf.mul(0.5));
 * }</pre>
 */
public final class Tree {
  private Tree() {}

  /** A tree taken apart: its tensors, and what is needed to put such a tree together again. */
  public record Flattened(List<Tensor> leaves, Structure structure) {}

  /** What a tree is apart from the values of its tensors; equal for trees of the same form. */
  public sealed interface Structure permits TreeNode {
    /** Returns the number of tensors. */
    int leafCount();

    /**
     * Returns a tree of this structure with other tensors. Records and arrays get the classes they
     * had; lists and maps get the class they had if it is one of {@code ArrayList}, {@code
     * LinkedList}, {@code HashMap}, {@code LinkedHashMap} and {@code TreeMap}, else they are
     * unmodifiable.
     *
     * @param <T> the class of the tree, which the caller knows
     * @throws dev.lockstep.error.TreeException if the number of leaves is another
     */
    <T> T unflatten(List<? extends Tensor> leaves);

    /**
     * Returns where a leaf stands, for errors: {@code argument 0, component w}. For a tree that is
     * a tensor itself it is empty.
     */
    String path(int leaf);

    /** Returns the structures of the parts: components, elements, or values by sorted keys. */
    List<Structure> children();

    /** Returns where a child stands: {@code component w}, {@code [2]}, {@code key b}. */
    String childName(int child);

    /** Returns whether this is a tensor. */
    boolean isLeaf();
  }

  /**
   * Takes a tree apart.
   *
   * @throws dev.lockstep.error.TreeException if a part is of a class that is no tree
   */
  public static Flattened flatten(Object tree) {
    return flatten("Tree.flatten", tree);
  }

  /** Does the same for {@code op}, which errors then start with. */
  public static Flattened flatten(String op, Object tree) {
    if (tree instanceof Tensor tensor) {
      return new Flattened(List.of(tensor), TreeNode.LEAF);
    }
    List<Tensor> leaves = new ArrayList<>();
    Structure structure = TreeNode.flattenRoot(op, tree, leaves);
    return new Flattened(leaves, structure);
  }

  /** Takes the arguments of a call apart; paths start with {@code argument 0}. */
  public static Flattened flattenArguments(String op, Object... arguments) {
    List<Tensor> leaves = new ArrayList<>(arguments.length);
    Structure structure = TreeNode.flattenArguments(op, arguments, leaves);
    return new Flattened(leaves, structure);
  }

  /** Returns a tree of the same structure whose tensors are {@code f} of the tree's. */
  public static <T> T map(T tree, UnaryOperator<Tensor> f) {
    Flattened flat = flatten("Tree.map", tree);
    List<Tensor> mapped = new ArrayList<>(flat.leaves.size());
    for (Tensor leaf : flat.leaves) {
      mapped.add(f.apply(leaf));
    }
    return flat.structure.unflatten(mapped);
  }

  /**
   * Returns a tree of the same structure whose tensors are {@code f} of those that stand at one
   * place of both trees: {@code Tree.map(model, gradient, (p, g) -> p.sub(g.mul(rate)))}.
   *
   * @throws TreeException if the trees' structures differ
   */
  public static <T> T map(T tree, T other, BinaryOperator<Tensor> f) {
    Flattened first = flatten("Tree.map", tree);
    Flattened second = flatten("Tree.map", other);
    if (!second.structure.equals(first.structure)) {
      throw new TreeException(
          "Tree.map: expected trees of one structure, got %s and %s"
              .formatted(first.structure, second.structure));
    }
    List<Tensor> mapped = new ArrayList<>(first.leaves.size());
    for (int i = 0; i < first.leaves.size(); i++) {
      mapped.add(f.apply(first.leaves.get(i), second.leaves.get(i)));
    }
    return first.structure.unflatten(mapped);
  }

  /**
   * Returns a tree of the same structure whose tensors are {@code f} of the tree's and a key of
   * their own, which are split from {@code key} in the leaves' order: {@code
   * Tree.mapWithKeys(gradient, key, (g, k) -> g.add(k.normal(g.shape())))}.
   */
  public static <T> T mapWithKeys(T tree, Key key, BiFunction<Tensor, Key, Tensor> f) {
    Flattened flat = flatten("Tree.mapWithKeys", tree);
    Key keys = key.split(flat.leaves.size());
    List<Tensor> mapped = new ArrayList<>(flat.leaves.size());
    for (int i = 0; i < flat.leaves.size(); i++) {
      mapped.add(f.apply(flat.leaves.get(i), keys.get(i)));
    }
    return flat.structure.unflatten(mapped);
  }
}
