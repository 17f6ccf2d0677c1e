/**
 * Runs the benchmarks: {@code Speed} goes through the {@code Catalog}; {@code Suite} has JMH
 * measure our ways to compute a workload in forks, in which {@code Rounds} lets the {@code Peers}
 * have a round of their own before each of ours.
 */
package dev.lockstep.bench.driver;
