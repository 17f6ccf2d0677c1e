package dev.lockstep;

/** The cotangents of a function's arguments, one each, as {@link Vjp#pullback} gives them. */
public sealed interface Cotangents {
  /** The cotangents of two arguments. */
  record Two<A, B>(A first, B second) implements Cotangents {}

  /** The cotangents of three arguments. */
  record Three<A, B, C>(A first, B second, C third) implements Cotangents {}

  /** The cotangents of four arguments. */
  record Four<A, B, C, D>(A first, B second, C third, D fourth) implements Cotangents {}
}
