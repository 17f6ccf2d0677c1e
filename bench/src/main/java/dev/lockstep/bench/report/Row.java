package dev.lockstep.bench.report;

/**
 * A row of the ratio table.
 *
 * @param workload its name
 * @param description what is computed, in a few words
 * @param asked how many times faster than JAX it has to be; 0 if nothing is asked
 * @param flops floating-point operations of a call; 0 if they are not counted
 * @param bytes bytes that a call must read and write at least; 0 if they are not counted
 */
public record Row(String workload, String description, double asked, double flops, double bytes) {}
