package dev.lockstep.tensor;

import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.MemoryScope;
import java.util.function.Supplier;

/**
 * Closes the tensors that its thread creates while it is open, except those that are kept. Scopes
 * nest: what an inner one keeps belongs to the outer one.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *   Tensor loss = scope.keep(model.apply(x));
 * }                                             // all intermediate tensors are freed here
 * }</pre>
 */
public final class Scope implements AutoCloseable {
  private final MemoryScope memory;

  private Scope(MemoryScope memory) {
    this.memory = memory;
  }

  /** Opens a scope; the same thread must close it, inner scopes first. */
  public static Scope open() {
    return new Scope(MemoryScope.open());
  }

  /** Runs {@code body} in a scope of its own and keeps what it returns, a tree. */
  public static <T> T run(Supplier<T> body) {
    try (Scope scope = open()) {
      return scope.keep(body.get());
    }
  }

  /**
   * Runs {@code body} as if no scope were open: for tensors that outlive the caller's scope, such
   * as those of a cache.
   */
  public static <T> T outside(Supplier<T> body) {
    return MemoryScope.outside(body);
  }

  /**
   * Saves the tensors of a tree from being closed with this scope.
   *
   * @return the tree
   * @throws dev.lockstep.error.TreeException if it is no {@link Tree}
   */
  public <T> T keep(T tree) {
    if (tree instanceof Array array) {
      memory.keep(array);
    } else {
      for (Tensor leaf : Tree.flatten("Scope.keep", tree).leaves()) {
        if (leaf instanceof Array array) {
          memory.keep(array);
        }
      }
    }
    return tree;
  }

  /** Closes the tensors of this scope that were not kept. Twice does nothing. */
  @Override
  public void close() {
    memory.close();
  }
}
