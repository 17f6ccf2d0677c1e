package dev.lockstep;

/** Parameters and the optimizer's state after a step. */
public record Updated<P>(P parameters, OptimizerState<P> state) {}
