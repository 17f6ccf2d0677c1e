/**
 * The workloads of docs/performance.md as JMH benchmarks, one a class. {@code driver} runs them
 * beside other systems, which {@code bench/peers} has under the same names and in the same sizes;
 * {@code report} writes what was measured.
 */
package dev.lockstep.bench;
