/** The demo and the benchmarks. */
module lockstep.bench {
  requires lockstep;
}
