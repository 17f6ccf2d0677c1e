/** vmap, grad and Jacobians for Java, on batched native kernels. */
module lockstep {
  requires transitive lockstep.api;

  exports dev.lockstep;

  opens dev.lockstep to
      lockstep.api;

  provides dev.lockstep.program.ProgramTransforms with
      dev.lockstep.autodiff.RuleTransforms;
}
