/** Tensors, programs, the compiler and the runtime. */
@SuppressWarnings("module")
module lockstep.api {
  requires transitive lockstep.bindings;

  uses dev.lockstep.program.ProgramTransforms;

  exports dev.lockstep.tensor;
  exports dev.lockstep.program;
  exports dev.lockstep.program.primitive to
      lockstep,
      lockstep.bench;
  exports dev.lockstep.compiler to
      lockstep,
      lockstep.bench;
  exports dev.lockstep.runtime to
      lockstep,
      lockstep.bench;
}
