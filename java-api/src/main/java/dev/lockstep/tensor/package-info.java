/**
 * Tensors, the types that describe them, and the trees that users build of them; linear algebra on
 * tensors of matrices is in {@link dev.lockstep.tensor.LinAlg}.
 */
package dev.lockstep.tensor;
