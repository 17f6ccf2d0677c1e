package dev.lockstep;

import dev.lockstep.autodiff.TreeArithmetic;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import java.util.List;

/** First-order optimizers over any tree of parameters, and what training steps need with them. */
public final class Optimizers {
  private Optimizers() {}

  /** Returns gradient descent: {@code p - rate · g}. */
  public static Optimizer sgd(Schedule rate) {
    return new Sgd(rate, 0, false);
  }

  /**
   * Returns gradient descent with momentum: {@code m = momentum · m + g}, then {@code p - rate · m}
   * or, Nesterov's, {@code p - rate · (momentum · m + g)}.
   */
  public static Optimizer sgd(Schedule rate, double momentum, boolean nesterov) {
    requireFraction("sgd: momentum", momentum);
    return new Sgd(rate, momentum, nesterov);
  }

  /** Returns {@code adam(rate, 0.9, 0.999, 1e-8)}. */
  public static Optimizer adam(Schedule rate) {
    return adam(rate, 0.9, 0.999, 1e-8);
  }

  /**
   * Returns Adam (Kingma and Ba, 2015): {@code p - rate · m̂ / (sqrt(v̂) + epsilon)} with running
   * means of the gradient and its square, {@code m̂ = m / (1 - beta1ᵗ)}, {@code v̂ = v / (1 -
   * beta2ᵗ)}.
   */
  public static Optimizer adam(Schedule rate, double beta1, double beta2, double epsilon) {
    return adam("adam", rate, beta1, beta2, epsilon, 0);
  }

  /**
   * Returns Adam with decoupled weight decay (Loshchilov and Hutter, 2019): {@code p - rate · (m̂ /
   * (sqrt(v̂) + epsilon) + decay · p)}.
   */
  public static Optimizer adamW(
      Schedule rate, double beta1, double beta2, double epsilon, double decay) {
    return adam("adamW", rate, beta1, beta2, epsilon, decay);
  }

  private static Optimizer adam(
      String name, Schedule rate, double beta1, double beta2, double epsilon, double decay) {
    requireFraction(name + ": beta1", beta1);
    requireFraction(name + ": beta2", beta2);
    return new AdamW(name, rate, beta1, beta2, epsilon, decay);
  }

  /** Returns {@code Lbfgs} with this many remembered pairs; see {@link Lbfgs}. */
  public static Lbfgs lbfgs(int memory) {
    return new Lbfgs(memory);
  }

  /** Returns the 2-norm of all elements of a tree together. */
  public static Tensor globalNorm(Object tree) {
    return TreeArithmetic.dot("globalNorm", tree, tree).sqrt();
  }

  /** Returns the tree scaled down to the norm {@code most} if its {@link #globalNorm} is larger. */
  public static <T> T clipByGlobalNorm(T tree, double most) {
    Tensor norm = globalNorm(tree);
    Tensor within = norm.lessEqual(most);
    return TreeArithmetic.map(
        "clipByGlobalNorm",
        x -> {
          Tensor n = norm.cast(x.getFirst().dtype());
          return Tensor.where(within, x.getFirst(), x.getFirst().div(n).mul(most));
        },
        tree);
  }

  private static void requireFraction(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(what + ": expected a number in [0, 1), got " + value);
    }
  }

  private record Sgd(Schedule rate, double momentum, boolean nesterov) implements Optimizer {
    @Override
    public <P> OptimizerState<P> init(P parameters) {
      List<P> moments = momentum == 0 ? List.of() : List.of(TreeArithmetic.zeros(parameters));
      return new OptimizerState<>(Tensor.scalar(0), moments);
    }

    @Override
    public <P> Updated<P> update(P parameters, P gradients, OptimizerState<P> state) {
      Tensor by = rate.at(state.step());
      Tensor next = state.step().add(1L);
      if (momentum == 0) {
        return new Updated<>(
            step(parameters, gradients, by), new OptimizerState<>(next, List.of()));
      }
      P moment = accumulated(gradients, state.moments().getFirst());
      P direction = nesterov ? accumulated(gradients, moment) : moment;
      return new Updated<>(
          step(parameters, direction, by), new OptimizerState<>(next, List.of(moment)));
    }

    private <P> P accumulated(P gradients, P moment) {
      return TreeArithmetic.map(
          "sgd", x -> x.get(1).mul(momentum).add(x.get(0)), gradients, moment);
    }

    private static <P> P step(P parameters, P direction, Tensor rate) {
      return TreeArithmetic.addScaled("sgd", parameters, rate.neg(), direction);
    }
  }

  private record AdamW(
      String name, Schedule rate, double beta1, double beta2, double epsilon, double decay)
      implements Optimizer {
    @Override
    public <P> OptimizerState<P> init(P parameters) {
      return new OptimizerState<>(
          Tensor.scalar(0),
          List.of(TreeArithmetic.zeros(parameters), TreeArithmetic.zeros(parameters)));
    }

    @Override
    public <P> Updated<P> update(P parameters, P gradients, OptimizerState<P> state) {
      P mean =
          TreeArithmetic.map(
              name,
              x -> x.get(0).mul(beta1).add(x.get(1).mul(1 - beta1)),
              state.moments().get(0),
              gradients);
      P square =
          TreeArithmetic.map(
              name,
              x -> x.get(0).mul(beta2).add(x.get(1).square().mul(1 - beta2)),
              state.moments().get(1),
              gradients);
      Tensor by = rate.at(state.step());
      Tensor next = state.step().add(1L);
      Tensor meanShare = share(beta1, next);
      Tensor squareShare = share(beta2, next);
      P moved =
          TreeArithmetic.map(
              name,
              x -> {
                DType dtype = x.get(0).dtype();
                Tensor root = x.get(2).div(squareShare.cast(dtype)).sqrt().add(epsilon);
                Tensor direction = x.get(1).div(meanShare.cast(dtype)).div(root);
                Tensor all = decay == 0 ? direction : direction.add(x.get(0).mul(decay));
                return x.get(0).sub(all.mul(by.cast(dtype)));
              },
              parameters,
              mean,
              square);
      return new Updated<>(moved, new OptimizerState<>(next, List.of(mean, square)));
    }

    /** Returns {@code 1 - betaᵗ}: how much of a running mean that began at 0 is filled. */
    private static Tensor share(double beta, Tensor steps) {
      return Tensor.scalar(beta).pow(steps.cast(DType.F64)).neg().add(1.0);
    }
  }
}
