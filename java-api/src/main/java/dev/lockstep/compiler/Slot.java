package dev.lockstep.compiler;

/** A piece of memory that steps read and write. Slots are compared by identity. */
final class Slot {
  /** Where a slot's memory comes from. */
  enum Kind {
    /** An argument of the run. */
    INPUT,
    /** A result of the run. */
    OUTPUT,
    /** A part of the run's workspace. */
    TEMPORARY,
    /** No memory: values computed from the index. */
    INDEX,
    /** No memory: one value. */
    CONSTANT
  }

  static final Slot INDEX = new Slot(Kind.INDEX, -1, 0);
  static final Slot CONSTANT = new Slot(Kind.CONSTANT, -1, 0);

  final Kind kind;

  /** The position among the inputs or outputs. */
  final int position;

  final long bytes;

  /** The output whose memory holds this temporary, or null for the workspace. */
  Slot home;

  /** The start within the workspace or the home, for temporaries; set by {@link MemoryPlan}. */
  long offset;

  private Slot(Kind kind, int position, long bytes) {
    this.kind = kind;
    this.position = position;
    this.bytes = bytes;
  }

  static Slot input(int position, long bytes) {
    return new Slot(Kind.INPUT, position, bytes);
  }

  static Slot output(int position, long bytes) {
    return new Slot(Kind.OUTPUT, position, bytes);
  }

  static Slot temporary(long bytes) {
    return new Slot(Kind.TEMPORARY, -1, bytes);
  }

  /** Returns whether the slot is memory, not computed values. */
  boolean isMemory() {
    return kind != Kind.INDEX && kind != Kind.CONSTANT;
  }
}
