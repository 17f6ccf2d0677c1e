/** The demo and the benchmarks. */
@SuppressWarnings("requires-automatic")
module lockstep.bench {
  requires lockstep;
  requires jdk.incubator.vector;
  requires jmh.core;
}
