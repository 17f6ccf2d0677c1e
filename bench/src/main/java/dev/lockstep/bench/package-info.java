/**
 * JMH benchmarks of the workloads in docs/performance.md. {@code bench/peers} holds the same
 * workloads, under the same names and in the same sizes, for other libraries.
 */
package dev.lockstep.bench;
