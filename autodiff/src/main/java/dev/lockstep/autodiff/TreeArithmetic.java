package dev.lockstep.autodiff;

import dev.lockstep.error.TreeException;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Arithmetic on trees as if each were one vector. */
public final class TreeArithmetic {
  private TreeArithmetic() {}

  /**
   * Applies {@code f} to the leaves of several trees that stand at one place.
   *
   * @throws TreeException if the trees' structures differ; the text starts with {@code op}
   */
  public static <T> T map(String op, Function<List<Tensor>, Tensor> f, T tree, Object... others) {
    Tree.Flattened first = Tree.flatten(op, tree);
    List<Tree.Flattened> all = new ArrayList<>(List.of(first));
    for (Object other : others) {
      Tree.Flattened flattened = Tree.flatten(op, other);
      if (!flattened.structure().equals(first.structure())) {
        throw new TreeException(
            "%s: expected trees of one structure, got %s and %s"
                .formatted(op, first.structure(), flattened.structure()));
      }
      all.add(flattened);
    }
    List<Tensor> results = new ArrayList<>();
    for (int i = 0; i < first.leaves().size(); i++) {
      int leaf = i;
      results.add(f.apply(all.stream().map(x -> x.leaves().get(leaf)).toList()));
    }
    return first.structure().unflatten(results);
  }

  /** Returns zeros like the tree. */
  public static <T> T zeros(T tree) {
    return Tree.map(tree, x -> Tensor.zeros(x.dtype(), x.shape().extents()));
  }

  /** Returns {@code factor · tree} for a scalar factor; leaves keep their dtypes. */
  public static <T> T scaled(String op, Tensor factor, T tree) {
    return map(op, x -> x.getFirst().mul(factor.cast(x.getFirst().dtype())), tree);
  }

  /** Returns {@code tree + factor · other} for a scalar factor; leaves keep their dtypes. */
  public static <T> T addScaled(String op, T tree, Tensor factor, T other) {
    return map(op, x -> x.get(0).add(x.get(1).mul(factor.cast(x.get(0).dtype()))), tree, other);
  }

  /** Returns the sum of the products of all elements, in the leaves' promoted dtype. */
  public static Tensor dot(String op, Object tree, Object other) {
    List<Tensor> sums = new ArrayList<>();
    map(
        op,
        x -> {
          sums.add(x.get(0).mul(x.get(1)).sum());
          return x.get(0);
        },
        tree,
        other);
    return sums.stream().reduce(Tensor::add).orElseGet(() -> Tensor.zeros(DType.F32));
  }
}
