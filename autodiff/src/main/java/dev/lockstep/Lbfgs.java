package dev.lockstep;

import dev.lockstep.autodiff.TreeArithmetic;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The limited-memory BFGS method (Nocedal and Wright, Numerical Optimization, algorithm 7.4), with
 * steps halved until they reach Armijo's condition. Pure, as {@link Optimizer}s are; {@link
 * #update} takes the loss itself in the place of its gradients.
 */
public final class Lbfgs {
  private static final double SUFFICIENT = 1e-4;
  private static final double SHORTEST = 1e-12;

  private final int memory;

  Lbfgs(int memory) {
    if (memory < 1) {
      throw new IllegalArgumentException("lbfgs: expected a memory of 1 or more, got " + memory);
    }
    this.memory = memory;
  }

  /** Returns the state before the first step. */
  public <P> OptimizerState<P> init(P parameters) {
    List<P> moments = new ArrayList<>();
    for (int i = 0; i < 2 * memory + 1; i++) {
      moments.add(TreeArithmetic.zeros(parameters));
    }
    moments.add(parameters);
    return new OptimizerState<>(Tensor.scalar(0), moments);
  }

  /**
   * Returns the parameters and the state after a step. Without a descent to be found the parameters
   * stay as they are.
   *
   * @param loss gives a floating scalar
   */
  public <P> Updated<P> update(P parameters, Fn<P, Tensor> loss, OptimizerState<P> state) {
    ValueAndGrad<P> at = Lockstep.valueAndGrad(loss).apply(parameters);
    P gradient = at.gradient();
    List<P> moves = new ArrayList<>(state.moments().subList(1, memory));
    List<P> changes = new ArrayList<>(state.moments().subList(memory + 1, 2 * memory));
    moves.add(difference(parameters, state.moments().get(2 * memory + 1)));
    changes.add(difference(gradient, state.moments().get(2 * memory)));
    P direction = direction(gradient, moves, changes);
    Tensor slope = TreeArithmetic.dot("lbfgs", gradient, direction);
    Tensor length = length(loss, parameters, direction, at.value(), slope);
    P moved = TreeArithmetic.addScaled("lbfgs", parameters, length, direction);
    List<P> moments = new ArrayList<>(moves);
    moments.addAll(changes);
    moments.add(gradient);
    moments.add(parameters);
    return new Updated<>(moved, new OptimizerState<>(state.step().add(1L), moments));
  }

  private static <P> P difference(P x, P y) {
    return TreeArithmetic.map("lbfgs", pair -> pair.get(0).sub(pair.get(1)), x, y);
  }

  /** The two loops over the pairs; a pair without positive curvature takes no part. */
  private <P> P direction(P gradient, List<P> moves, List<P> changes) {
    List<Tensor> inverses = new ArrayList<>();
    List<Tensor> shares = new ArrayList<>();
    for (int i = 0; i < memory; i++) {
      Tensor curvature = TreeArithmetic.dot("lbfgs", moves.get(i), changes.get(i));
      Tensor positive = curvature.greater(0.0);
      inverses.add(Tensor.where(positive, Tensor.where(positive, curvature, 1).reciprocal(), 0));
    }
    P q = gradient;
    for (int i = memory - 1; i >= 0; i--) {
      Tensor share = TreeArithmetic.dot("lbfgs", moves.get(i), q).mul(inverses.get(i));
      shares.addFirst(share);
      q = TreeArithmetic.addScaled("lbfgs", q, share.neg(), changes.get(i));
    }
    P last = changes.getLast();
    Tensor used = inverses.getLast().greater(0.0);
    Tensor scale = TreeArithmetic.dot("lbfgs", last, last).mul(inverses.getLast());
    Tensor first = TreeArithmetic.dot("lbfgs", gradient, gradient).sqrt().maximum(1.0);
    Tensor factor = Tensor.where(used, Tensor.where(used, scale, 1), first).reciprocal();
    P r = TreeArithmetic.scaled("lbfgs", factor, q);
    for (int i = 0; i < memory; i++) {
      Tensor share = TreeArithmetic.dot("lbfgs", changes.get(i), r).mul(inverses.get(i));
      r = TreeArithmetic.addScaled("lbfgs", r, shares.get(i).sub(share), moves.get(i));
    }
    return TreeArithmetic.scaled("lbfgs", Tensor.scalar(-1.0), r);
  }

  /** Halves the length from 1 on until the loss is low enough; 0 if it never is. */
  private static <P> Tensor length(
      Fn<P, Tensor> loss, P parameters, P direction, Tensor value, Tensor slope) {
    Tensor start = Tensor.full(value.dtype(), 1);
    Tensor found =
        Control.whileLoop(
            length -> {
              P there = TreeArithmetic.addScaled("lbfgs", parameters, length, direction);
              Tensor most = value.add(slope.cast(value.dtype()).mul(length).mul(SUFFICIENT));
              Tensor low = loss.apply(there).lessEqual(most);
              return low.not().and(length.greater(SHORTEST));
            },
            length -> length.mul(0.5),
            start);
    return Tensor.where(found.greater(SHORTEST), found, 0);
  }
}
