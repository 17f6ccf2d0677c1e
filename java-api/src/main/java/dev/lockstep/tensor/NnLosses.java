package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;

/** Losses from logits, without an intermediate that over- or underflows. */
final class NnLosses {
  private NnLosses() {}

  static Tensor crossEntropy(Tensor logits, Tensor labels) {
    if (logits.rank() == 0) {
      throw new ShapeException(
          "crossEntropy: expected logits with an axis of classes, got " + logits.type());
    }
    if (labels.dtype().isFloating()) {
      requireShape(logits, labels, logits.shape());
      return ElementwiseOps.composed(
          logits, labels, (x, p) -> x.logSoftmax(-1).mul(p).sum(-1).neg());
    }
    if (!labels.dtype().isInteger()) {
      throw new DTypeException(
          "crossEntropy: expected labels of integers or probabilities, got " + labels.type());
    }
    requireShape(logits, labels, logits.shape().remove(logits.rank() - 1));
    if (logits.size() == 0 && labels.size() > 0) {
      throw new ShapeException(
          "crossEntropy: expected at least one class, got logits " + logits.type());
    }
    Tensor at = labels.expandDims(labels.rank());
    return ElementwiseOps.composed(
        logits,
        real -> {
          if (logits.size() == 0) {
            return real.sum(-1);
          }
          Tensor shifted = CompositeOps.shifted(real, -1);
          Tensor logSum = ReductionOps.sum(shifted.exp(), true, -1).log();
          return logSum.sub(shifted.takeAlongAxis(at, -1)).squeeze(-1);
        });
  }

  static Tensor sigmoidBinaryCrossEntropy(Tensor logits, Tensor labels) {
    Broadcasting.shape("sigmoidBinaryCrossEntropy", logits, labels);
    return ElementwiseOps.composed(logits, labels, (x, y) -> x.softplus().sub(x.mul(y)));
  }

  private static void requireShape(Tensor logits, Tensor labels, Shape shape) {
    if (!labels.shape().equals(shape)) {
      throw new ShapeException(
          "crossEntropy: expected labels of shape %s for logits %s, got %s"
              .formatted(shape, logits.type(), labels.type()));
    }
  }
}
