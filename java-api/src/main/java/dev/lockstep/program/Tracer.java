package dev.lockstep.program;

import dev.lockstep.runtime.Array;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;

/** A tensor that stands for a variable of the program being traced. */
public final class Tracer extends Tensor {
  private final Trace trace;
  private final Variable variable;
  private final StackTraceElement origin;

  Tracer(Trace trace, Variable variable, StackTraceElement origin) {
    this.trace = trace;
    this.variable = variable;
    this.origin = origin;
  }

  /** Returns the trace that this tracer is of. */
  Trace writer() {
    return trace;
  }

  Variable variable() {
    return variable;
  }

  /** Returns the user's line that created this tracer. */
  public StackTraceElement origin() {
    return origin;
  }

  /**
   * Returns the innermost transform around this tracer whose arguments have no single values, such
   * as {@code vmap}, or null if all have.
   */
  public String transformWithoutValues() {
    return trace.transformWithoutValues();
  }

  @Override
  public TensorType type() {
    return variable.type();
  }

  @Override
  @SuppressWarnings("exports")
  public Array concrete(String op) {
    return trace.valueOf(op, this);
  }

  /** Does nothing: a tracer has no memory. */
  @Override
  public void close() {}

  /** Returns the type and the trace: {@code Tracer(f32[3] under grad)}. */
  @Override
  public String toString() {
    return "Tracer(" + type() + " under " + trace.transform() + ")";
  }
}
