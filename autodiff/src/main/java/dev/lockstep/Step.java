package dev.lockstep;

/**
 * What a step of {@link Control#scan} gives.
 *
 * @param carry a tree like the initial carry: what the next step takes
 * @param y what is stacked over all steps; null for nothing
 */
public record Step<C, Y>(C carry, Y y) {}
