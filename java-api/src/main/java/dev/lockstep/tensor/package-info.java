/** Tensors, the types that describe them, and the trees that users build of them. */
package dev.lockstep.tensor;
