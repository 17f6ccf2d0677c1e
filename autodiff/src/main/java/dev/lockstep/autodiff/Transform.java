package dev.lockstep.autodiff;

import dev.lockstep.program.Program;

/**
 * A rewriting of programs: a record whose components are its parameters, so that equal transforms
 * of equal programs need to be done only once.
 *
 * @param <T> what it gives: a program and what is to be known about its outputs
 */
sealed interface Transform<T>
    permits Batch,
        Push,
        Linearize,
        Transpose,
        Gradient,
        ForwardJacobian,
        ReverseJacobian,
        SmallerJacobian,
        Hessian,
        BlockHessian {
  /** Returns the transformed program. */
  T of(Program program);

  /** Returns the transformed program, from the cache if an equal one was transformed before. */
  default T cached(Program program) {
    return TransformCache.get(this, program);
  }
}
