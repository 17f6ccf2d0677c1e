/** The C ABI of Lockstep's native core in Java, and the exceptions of all layers. */
@SuppressWarnings("module")
module lockstep.bindings {
  exports dev.lockstep.error;
  exports dev.lockstep.bindings to
      lockstep.api,
      lockstep,
      lockstep.bench;
  exports dev.lockstep.bindings.generated to
      lockstep.api;
}
