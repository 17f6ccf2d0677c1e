package dev.lockstep;

/**
 * A rule that moves parameters by their gradients. Its methods are pure: what it remembers is a
 * state that goes in and comes out, so that a training step can stand under {@code jit}.
 *
 * <pre>{@code
 * Optimizer adam = Optimizers.adam(Schedules.constant(1e-3));
 * OptimizerState<Model> state = adam.init(model);
 * Updated<Model> next = adam.update(model, gradients, state);
 * }</pre>
 */
public interface Optimizer {
  /** Returns the state before the first step. */
  <P> OptimizerState<P> init(P parameters);

  /**
   * Returns the parameters and the state after a step.
   *
   * @param gradients a tree of the parameters' structure
   * @throws dev.lockstep.error.TreeException if it is another
   */
  <P> Updated<P> update(P parameters, P gradients, OptimizerState<P> state);
}
