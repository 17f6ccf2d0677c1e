package dev.lockstep.autodiff;

/** A function of any number of arguments: what the door's overloads by arity come down to. */
@FunctionalInterface
public interface Variadic {
  /** Applies the function. */
  Object apply(Object... arguments);
}
