package dev.lockstep;

/**
 * What was done since the start because no cache had it. In a loop that has warmed up none of these
 * grow.
 *
 * @param traces how often functions under {@code jit} were traced
 * @param transforms how many programs were transformed
 * @param compilations how many programs were compiled to native plans
 */
public record Counts(long traces, long transforms, long compilations) {}
