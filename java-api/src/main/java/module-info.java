/** Tensors, programs, the compiler and the runtime. */
module lockstep.api {
  requires transitive lockstep.bindings;

  exports dev.lockstep.tensor;
  exports dev.lockstep.program;
}
