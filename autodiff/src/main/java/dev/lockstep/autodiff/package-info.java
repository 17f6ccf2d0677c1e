/**
 * The transforms: one file is one transform, and none names an op.
 *
 * <p>In the order that a call takes: {@link dev.lockstep.autodiff.Arity} turns the door's typed
 * functions into {@link dev.lockstep.autodiff.Variadic} ones. Each of these, such as {@link
 * dev.lockstep.autodiff.GradientFunction}, takes the arguments apart into tensors ({@code Call}),
 * traces the user's function ({@code TracedCall}), asks for the transformed program ({@code
 * Transform}, {@code TransformCache}), applies it, which appends it to the enclosing trace or runs
 * it, and puts the result's tree together.
 *
 * <p>The programs: {@code Batch} maps over a batch. {@code Push} pushes tangents forward. {@code
 * Linearize} splits what Push made into a known and a linear part. {@code Transpose} runs the
 * linear part backwards. {@code Gradient}, {@code ForwardJacobian}, {@code ReverseJacobian} and
 * {@code Hessian} are made of these.
 */
package dev.lockstep.autodiff;
