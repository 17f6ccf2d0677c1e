package dev.lockstep.autodiff;

import dev.lockstep.tensor.Tensor;

/**
 * A cotangent on its way back, with what is known about where it is zero, so that zeros of branches
 * not taken stay zeros when they meet an infinite residual.
 *
 * @param elements what the transpose rules computed
 * @param support where the cotangent may differ from zero, a bool tensor; null for everywhere
 * @param exact whether {@code elements} are zero outside of the support; else they have no meaning
 *     there
 */
record Cotangent(Tensor elements, Tensor support, boolean exact) {
  /** Returns a cotangent of which nothing is known. */
  static Cotangent of(Tensor elements) {
    return new Cotangent(elements, null, true);
  }

  /** Returns the cotangent, zeros selected outside of the support. */
  Tensor value() {
    return exact || support == null
        ? elements
        : Tensor.where(support, elements, Values.zeros(elements.type()));
  }

  Cotangent plus(Cotangent other) {
    if (support != null && support == other.support) {
      return new Cotangent(elements.add(other.elements), support, exact && other.exact);
    }
    Tensor either = support == null || other.support == null ? null : support.or(other.support);
    return new Cotangent(value().add(other.value()), either, true);
  }
}
