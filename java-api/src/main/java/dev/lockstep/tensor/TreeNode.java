package dev.lockstep.tensor;

import dev.lockstep.error.TreeException;
import java.lang.constant.Constable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.IntFunction;

/** A node of a tree's structure. Nodes are immutable; leaves and records of leaves are shared. */
abstract sealed class TreeNode implements Tree.Structure
    permits TreeNode.Leaf, TreeNode.Static, TreeRecord, TreeCollection {
  private static final TreeNode[] NONE = {};

  static final TreeNode LEAF = new Leaf();
  static final TreeNode EMPTY = new Static(null);

  final TreeNode[] children;
  private final Object label;
  private final int leafCount;
  private final int hash;

  /**
   * @param label what besides class and children makes the structure: equal labels, equal nodes
   */
  private TreeNode(Object label, TreeNode[] children, int leafCount) {
    int h = getClass().hashCode() * 31 + (label == null ? 0 : label.hashCode());
    for (TreeNode child : children) {
      h = 31 * h + child.hash;
    }
    this.label = label;
    this.children = children;
    this.leafCount = leafCount;
    this.hash = h;
  }

  TreeNode(Object label, TreeNode[] children) {
    this(label, children, sumOfLeaves(children));
  }

  private static int sumOfLeaves(TreeNode[] children) {
    int sum = 0;
    for (TreeNode child : children) {
      sum += child.leafCount;
    }
    return sum;
  }

  /** A tensor. */
  static final class Leaf extends TreeNode {
    private Leaf() {
      super(null, NONE, 1);
    }

    @Override
    Object build(Leaves leaves) {
      return leaves.next();
    }

    @Override
    public String childName(int child) {
      throw new IndexOutOfBoundsException(child);
    }

    @Override
    public String toString() {
      return "*";
    }
  }

  /** A value that is part of the structure; null is the empty tree. */
  static final class Static extends TreeNode {
    private final Object value;

    private Static(Object value) {
      super(value, NONE, 0);
      this.value = value;
    }

    @Override
    Object build(Leaves leaves) {
      return value;
    }

    @Override
    public String childName(int child) {
      throw new IndexOutOfBoundsException(child);
    }

    @Override
    public String toString() {
      return value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
    }
  }

  /** Hands out leaves in order. */
  static final class Leaves {
    private final List<? extends Tensor> leaves;
    private int next;

    private Leaves(List<? extends Tensor> leaves) {
      this.leaves = leaves;
    }

    Tensor next() {
      return leaves.get(next++);
    }
  }

  /** Builds the tree from the leaves that are next. */
  abstract Object build(Leaves leaves);

  final Object[] buildChildren(Leaves leaves) {
    Object[] built = new Object[children.length];
    for (int i = 0; i < built.length; i++) {
      built[i] = children[i].build(leaves);
    }
    return built;
  }

  static TreeNode flattenRoot(String op, Object tree, List<Tensor> leaves) {
    try {
      return flatten(tree, leaves);
    } catch (Misfit misfit) {
      throw new TreeException(op + ": " + misfit.text());
    }
  }

  static TreeNode flattenArguments(String op, Object[] arguments, List<Tensor> leaves) {
    try {
      return TreeCollection.Arguments.flatten(arguments, leaves);
    } catch (Misfit misfit) {
      throw new TreeException(op + ": " + misfit.text());
    }
  }

  static TreeNode flatten(Object tree, List<Tensor> leaves) {
    return switch (tree) {
      case null -> EMPTY;
      case Tensor tensor -> {
        leaves.add(tensor);
        yield LEAF;
      }
      case Record value -> TreeRecord.flatten(value, leaves);
      case List<?> list -> TreeCollection.Elements.flatten(list, leaves);
      case Map<?, ?> map -> TreeCollection.Entries.flatten(map, leaves);
      case Object[] array -> TreeCollection.ArrayElements.flatten(array, leaves);
      case Optional<?> optional -> TreeCollection.Option.flatten(optional, leaves);
      case Constable value -> new Static(value);
      case Shape value -> new Static(value);
      case BigDecimal value -> new Static(value);
      case BigInteger value -> new Static(value);
      default -> throw new Misfit(Misfit.explain(tree));
    };
  }

  static TreeNode[] flattenAll(Object[] values, List<Tensor> leaves, IntFunction<String> name) {
    TreeNode[] nodes = new TreeNode[values.length];
    int i = 0;
    try {
      for (; i < values.length; i++) {
        nodes[i] = flatten(values[i], leaves);
      }
    } catch (Misfit misfit) {
      throw misfit.in(name.apply(i));
    }
    return nodes;
  }

  @Override
  public final int leafCount() {
    return leafCount;
  }

  @Override
  public final boolean isLeaf() {
    return this == LEAF;
  }

  @Override
  public final List<Tree.Structure> children() {
    return List.of(children);
  }

  @Override
  @SuppressWarnings("unchecked")
  public final <T> T unflatten(List<? extends Tensor> leaves) {
    if (leaves.size() != leafCount) {
      throw new TreeException(
          "unflatten: expected %d leaves for %s, got %d".formatted(leafCount, this, leaves.size()));
    }
    return (T) build(new Leaves(leaves));
  }

  @Override
  public final String path(int leaf) {
    if (leaf < 0 || leaf >= leafCount) {
      throw new IndexOutOfBoundsException(leaf);
    }
    StringJoiner path = new StringJoiner(", ");
    TreeNode node = this;
    int rest = leaf;
    while (!node.isLeaf()) {
      int i = 0;
      while (rest >= node.children[i].leafCount) {
        rest -= node.children[i++].leafCount;
      }
      path.add(node.childName(i));
      node = node.children[i];
    }
    return path.toString();
  }

  @Override
  public final boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    return other instanceof TreeNode node
        && hash == node.hash
        && getClass() == node.getClass()
        && (label == null ? node.label == null : label.equals(node.label))
        && Arrays.equals(children, node.children);
  }

  @Override
  public final int hashCode() {
    return hash;
  }

  /** Says that a part is no tree; takes up its path on the way out. */
  static final class Misfit extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> path = new ArrayList<>();

    Misfit(String text) {
      super(text, null, false, false);
    }

    Misfit in(String name) {
      path.add(name);
      return this;
    }

    private String text() {
      return path.isEmpty()
          ? getMessage()
          : String.join(", ", path.reversed()) + ": " + getMessage();
    }

    private static String explain(Object value) {
      Class<?> type = value.getClass();
      if (type.isArray()) {
        return "a %s is no tree. Make a tensor of it: Tensor.of(array)."
            .formatted(type.getSimpleName());
      }
      return ("a %s is no tree. Trees are tensors, and records, lists, maps, arrays and Optionals"
              + " of trees; strings, boxed numbers, booleans, enums, classes and shapes may stand"
              + " beside them.")
          .formatted(type.getName());
    }
  }
}
