package dev.lockstep.program.primitive;

/** Elementwise ops of one floating operand, whose result has the same dtype. */
public sealed interface UnaryFloating extends Unary
    permits Exponential, Root, Trigonometric, Hyperbolic, Special, Rounding, Drawing {
  /** Returns the result for one element, computed in {@code f64}. */
  double reference(double x);

  @Override
  default Domain domain() {
    return Domain.FLOATING;
  }
}
