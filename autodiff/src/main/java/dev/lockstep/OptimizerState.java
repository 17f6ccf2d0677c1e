package dev.lockstep;

import dev.lockstep.tensor.Tensor;
import java.util.List;

/**
 * What an optimizer remembers between steps.
 *
 * @param step the number of steps taken, {@code i32[]}
 * @param moments trees like the parameters: running means of gradients and the like
 */
public record OptimizerState<P>(Tensor step, List<P> moments) {}
