package dev.lockstep.runtime;

import dev.lockstep.program.Program;

/** Runs programs in the native core, through plans that it keeps by program. */
public final class NativeBackend implements Backend {
  /** The one instance: plans are shared by all threads. */
  public static final NativeBackend INSTANCE = new NativeBackend();

  private final PlanCache plans = new PlanCache();

  private NativeBackend() {}

  @Override
  public String name() {
    return "native";
  }

  @Override
  public Plan compile(Program program) {
    return plans.get(program);
  }

  /**
   * Returns how many programs were compiled since the start: what a cache miss costs is visible.
   */
  public long compilations() {
    return plans.compilations();
  }
}
