package dev.lockstep.tensor;

/**
 * What a batch normalisation in training gives.
 *
 * @param y the normalised tensor
 * @param mean the new running mean, one a channel
 * @param variance the new running variance, one a channel
 */
public record BatchNorm(Tensor y, Tensor mean, Tensor variance) {}
